const searchedPorts = 50

/** The last port to try where `first` and those after it are taken; 0, any free one, is never taken. */
export const lastPort = (first: number): number => (first === 0 ? 0 : Math.min(first + searchedPorts, 65_535))
