/** The version of this build. */

declare const __PARLEY_VERSION__: string | undefined;

/** Set by the bundler from package.json; code that runs from its source has none. */
export const version = typeof __PARLEY_VERSION__ === 'string' ? __PARLEY_VERSION__ : '0.0.0-source';
