/** Keeps the list of transfers that people see, and tells them what changed: new states at once, progress a few times a second. */
import type { MediaRef, TransferView } from '../../../bridge/media-views.ts';
import type { BlobId } from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';
import { createThrottle } from '../runtime/throttle.ts';

export interface Listed {
  readonly blob: BlobId;
  readonly ref: MediaRef;
  /** Null while nothing can be said of it. */
  view(): TransferView | null;
}

export interface Register<T extends Listed> {
  add(listed: T): void;
  get(blob: BlobId): T | null;
  byRef(ref: MediaRef): T | null;
  remove(blob: BlobId): void;
  all(): T[];
  /** It got further. */
  moved(blob: BlobId): void;
  /** Its state may be another. */
  changed(blob: BlobId): void;
  stop(): void;
}

interface RegisterDeps {
  readonly clock: Clock;
  readonly viewsMs: number;
  readonly onChanged: (views: TransferView[]) => void;
}

/** Speeds of what moves are told anew so often, also when nothing more comes. */
const pulseMs = 1_000;

export function createRegister<T extends Listed>({ clock, viewsMs, onChanged }: RegisterDeps): Register<T> {
  const listed = new Map<BlobId, T>();
  const refs = new Map<string, BlobId>();
  const dirty = new Set<BlobId>();
  /** What was told last, to tell nothing twice: all of it, and the part that is a state. */
  const told = new Map<BlobId, { readonly text: string; readonly state: string }>();
  const throttle = createThrottle(clock, viewsMs, emit);
  let looking = false;
  let stopped = false;
  let cancelPulse: (() => void) | null = null;

  function emit(): void {
    const views = [...dirty].flatMap((blob) => news(blob) ?? []);
    dirty.clear();
    if (views.length > 0) onChanged(views);
    if (!stopped && views.some(({ state }) => state === 'active')) cancelPulse ??= clock.after(pulseMs, pulse);
  }

  function news(blob: BlobId): TransferView | null {
    const view = listed.get(blob)?.view() ?? null;
    const text = JSON.stringify(view);
    if (!view || told.get(blob)?.text === text) return null;
    told.set(blob, { text, state: stateOf(view) });
    return view;
  }

  function isNewState(blob: BlobId): boolean {
    const view = listed.get(blob)?.view();
    return view ? told.get(blob)?.state !== stateOf(view) : false;
  }

  function pulse(): void {
    cancelPulse = null;
    for (const { blob } of listed.values()) dirty.add(blob);
    emit();
  }

  return {
    add(one) {
      listed.set(one.blob, one);
      refs.set(keyOf(one.ref), one.blob);
    },
    get: (blob) => listed.get(blob) ?? null,
    byRef(ref) {
      const blob = refs.get(keyOf(ref));
      return blob === undefined ? null : (listed.get(blob) ?? null);
    },
    remove(blob) {
      const one = listed.get(blob);
      if (one) refs.delete(keyOf(one.ref));
      listed.delete(blob);
      told.delete(blob);
      dirty.delete(blob);
    },
    all: () => [...listed.values()],
    moved(blob) {
      dirty.add(blob);
      throttle.trigger();
    },
    changed(blob) {
      dirty.add(blob);
      if (looking || stopped) return;
      looking = true;
      queueMicrotask(() => {
        looking = false;
        if (stopped) return;
        if ([...dirty].some(isNewState)) emit();
        else throttle.trigger();
      });
    },
    stop() {
      stopped = true;
      throttle.cancel();
      cancelPulse?.();
    },
  };
}

function keyOf({ conversation, message, item }: MediaRef): string {
  return `${conversation} ${message} ${item}`;
}

function stateOf({ state, path, waitingFor, fault }: TransferView): string {
  return JSON.stringify([state, path, waitingFor.map(({ id }) => id), fault?.code]);
}
