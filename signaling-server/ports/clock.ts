/** The time as the parts of the relay see it; tests pass their own. Gives milliseconds since 1970. */
export type Clock = () => number;
