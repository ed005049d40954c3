/** The time as parts of the relay see it; tests pass their own. */
/** @returns milliseconds since 1970. */
export type Clock = () => number;
