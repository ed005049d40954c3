/** Whether somebody can be looking at the window: it has the focus and is not hidden. */

export class WindowFocus {
  #focused = $state.raw(document.hasFocus());
  #visible = $state.raw(document.visibilityState === 'visible');

  constructor() {
    addEventListener('focus', () => (this.#focused = true));
    addEventListener('blur', () => (this.#focused = document.hasFocus()));
    document.addEventListener('visibilitychange', () => (this.#visible = document.visibilityState === 'visible'));
  }

  get present(): boolean {
    return this.#focused && this.#visible;
  }
}
