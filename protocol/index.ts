/** The wire contract of Parley: the one place where relay and devices agree. */
export * from './account-values.ts';
export * from './blobs.ts';
export * from './chain.ts';
export * from './codec.ts';
export * from './content.ts';
export * from './entities.ts';
export * from './errors.ts';
export * from './frames.ts';
export * from './http.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './names.ts';
