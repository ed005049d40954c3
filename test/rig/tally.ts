/** Counts what really struck, beside what was planned. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    if (count > 0) this.#counts.set(name, this.of(name) + count);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  addAll(other: Tally): void {
    for (const [name, count] of other.#counts) this.add(name, count);
  }

  toString(): string {
    const rows = [...this.#counts].sort(([one], [other]) => one.localeCompare(other));
    return rows.map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`).join('\n');
  }
}
