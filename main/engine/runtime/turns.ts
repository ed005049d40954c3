/** Runs asynchronous work of one key strictly one after another. */
export interface Turns<K> {
  run<T>(key: K, work: () => Promise<T>): Promise<T>;
}

export function createTurns<K>(): Turns<K> {
  const last = new Map<K, Promise<unknown>>();
  return {
    run(key, work) {
      const turn = (last.get(key) ?? Promise.resolve()).then(work, work);
      last.set(key, turn);
      const forget = () => {
        if (last.get(key) === turn) last.delete(key);
      };
      turn.then(forget, forget);
      return turn;
    },
  };
}
