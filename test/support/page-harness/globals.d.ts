/** What the harness puts on the page's global scope, for `page.evaluate`. */
import type { Harness } from './install.ts';

declare global {
  var harness: Harness;
}
