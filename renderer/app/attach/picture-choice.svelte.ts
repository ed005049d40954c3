/** How pictures are sent, in all conversations, until the app ends. */
import type { PictureForm } from './attachment.svelte.ts';

export class PictureChoice {
  #form = $state.raw<PictureForm>('standard');

  get form(): PictureForm {
    return this.#form;
  }
  set form(form: PictureForm) {
    this.#form = form;
  }
}
