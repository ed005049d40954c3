/** Opens sound and film in an element that nobody sees or hears, each step with a time limit. */

const stepMs = 8_000;
/** A recording that was never closed properly has no duration until its end was looked at. */
const farAway = 1e9;

/** Calls `use` with the element once its facts are known. @throws when it can't be played here or takes too long. */
export async function withMedia<E extends HTMLMediaElement, T>(
  element: E,
  file: Blob,
  use: (element: E) => Promise<T>,
): Promise<T> {
  const url = URL.createObjectURL(file);
  try {
    element.muted = true;
    element.preload = 'auto';
    const ready = once(element, 'loadedmetadata');
    element.src = url;
    await ready;
    return await use(element);
  } finally {
    element.removeAttribute('src');
    element.load();
    URL.revokeObjectURL(url);
  }
}

/** @returns null when nobody can tell. */
export async function durationMsOf(element: HTMLMediaElement): Promise<number | null> {
  if (element.duration === Infinity) {
    element.currentTime = farAway;
    await once(element, 'seeked').catch(() => undefined);
  }
  return Number.isFinite(element.duration) ? Math.round(element.duration * 1_000) : null;
}

export async function seekTo(element: HTMLMediaElement, seconds: number): Promise<void> {
  const there = once(element, 'seeked');
  element.currentTime = seconds;
  await there;
}

function once(element: HTMLMediaElement, type: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const { signal } = over;
    const fail = (): void => end(() => reject(new Error('This can’t be played here.')));
    const timer = setTimeout(fail, stepMs);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      over.abort();
      settle();
    };
    element.addEventListener(type, () => end(resolve), { signal });
    element.addEventListener('error', fail, { signal });
  });
}
