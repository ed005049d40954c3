/** Moves a row of a list along with the pointer until it is let go. */

/**
 * Listens on the window, because the row itself is taken out and put in again as it moves.
 * @param place hears each place under the pointer. @param end hears of the end, once.
 */
export function followPointer(list: HTMLElement, place: (index: number) => void, end: () => void): void {
  const over = new AbortController();
  const { signal } = over;
  const stop = (): void => {
    over.abort();
    end();
  };
  const move = ({ clientY }: PointerEvent): void => {
    const rows = [...list.children].map((row) => row.getBoundingClientRect());
    const index = rows.findIndex(({ bottom }) => clientY < bottom);
    place(index < 0 ? rows.length - 1 : index);
    scrollNear(list, clientY);
  };
  addEventListener('pointermove', move, { signal });
  addEventListener('pointerup', stop, { signal });
  addEventListener('pointercancel', stop, { signal });
}

const edgePixels = 24;

function scrollNear(list: HTMLElement, y: number): void {
  const { top, bottom } = list.getBoundingClientRect();
  if (y < top + edgePixels) list.scrollTop -= edgePixels / 2;
  if (y > bottom - edgePixels) list.scrollTop += edgePixels / 2;
}
