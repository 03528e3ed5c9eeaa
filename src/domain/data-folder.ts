/** Where files grow, below the data folder. Sealed ones are in a folder of each camera's. It is there for as long as the data folder is. */
export const openFolder = 'open'
