/** The people of tests, benchmarks and the demo. */

export interface Person {
  readonly username: string;
  readonly name: string;
  readonly password: string;
}

export const anna: Person = { username: 'anna', name: 'Anna Lindqvist', password: 'correct horse anna' };
export const ben: Person = { username: 'ben', name: 'Ben Okafor', password: 'correct horse ben' };
