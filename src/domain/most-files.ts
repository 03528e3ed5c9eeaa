/** No list of files is longer: neither one that the daemon answers with, nor one on the page. */
export const mostFiles = 500
