/** What lies where in the data directory, beside the database. */

/** The bytes of files that people sent. */
export const blobsFolder = 'blobs';
