/** Lets only so many run at once; whoever is urgent does not wait. */
export interface Slots {
  /** @returns gives the place back. */
  take(isUrgent: () => boolean): Promise<() => void>;
  /** Somebody may have become urgent. */
  look(): void;
}

export function createSlots(places: number): Slots {
  let free = places;
  let waiting: { readonly isUrgent: () => boolean; readonly enter: (leave: () => void) => void }[] = [];

  function leaveOnce(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      free++;
      look();
    };
  }

  /** Urgent ones enter even where no place is free; for a while there are more than there should be. */
  function look(): void {
    const entering = waiting.filter((one) => one.isUrgent());
    const others = waiting.filter((one) => !entering.includes(one));
    entering.push(...others.splice(0, Math.max(0, free - entering.length)));
    waiting = others;
    for (const one of entering) {
      free--;
      one.enter(leaveOnce());
    }
  }

  return {
    take: (isUrgent) =>
      new Promise((resolve) => {
        waiting.push({ isUrgent, enter: resolve });
        look();
      }),
    look,
  };
}
