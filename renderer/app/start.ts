/** Builds the features of the page, loads what the first picture needs, and mounts the root component. */
import { mount } from 'svelte';
import type { Bridge } from '../../bridge/page-client.ts';
import { createApp } from './app.svelte.ts';
import Fatal from './Fatal.svelte';
import { faultOf } from './faults.ts';
import Root from './Root.svelte';

export async function startApp(bridge: Bridge, target: HTMLElement): Promise<void> {
  const app = createApp(bridge);
  try {
    await app.load();
  } catch (error) {
    showFatal(target, faultOf(error).message);
    return;
  }
  target.replaceChildren();
  mount(Root, { target, props: { app } });
}

/** The page could not reach the rest of Parley: one full page that says what to do. */
export function showFatal(target: HTMLElement, message?: string): void {
  target.replaceChildren();
  mount(Fatal, { target, props: message === undefined ? {} : { message } });
}
