/** Plays one behaviour of the page after another: `node FILE CHROMIUM [PART OF A TITLE]`. */
import { expect, type Page } from '@playwright/test';
import { openScene, startHarness } from './harness-browser.ts';
import type { SceneName } from './scenes.ts';

export interface Played {
  readonly page: Page;
  readonly composer: ReturnType<Page['getByRole']>;
  readonly log: ReturnType<Page['getByRole']>;
}

export interface Probe {
  /** What goes wrong is said, with a picture; the next one is played all the same. */
  play(title: string, scene: SceneName, act: (played: Played) => Promise<void>, options?: object): Promise<void>;
  close(): Promise<void>;
}

export async function startProbe(): Promise<Probe> {
  const [executablePath = '', only] = process.argv.slice(2);
  const started = await startHarness(executablePath);
  return {
    async play(title, scene, act, options = {}) {
      if (only !== undefined && !title.includes(only)) return;
      const { page, complaints } = await openScene(started, { scene, width: 1_200, height: 800, ...options });
      page.setDefaultTimeout(4_000);
      try {
        await act({ page, composer: page.getByRole('textbox', { name: /^Message to/ }), log: page.getByRole('log') });
        expect(complaints).toEqual([]);
        console.info('ok  ', title);
      } catch (error) {
        process.exitCode = 1;
        await page.screenshot({ path: `/tmp/shots/failed-${title.replace(/\W+/g, '-')}.png` });
        console.error('FAIL', title, '\n', error instanceof Error ? error.message.slice(0, 3_000) : error, complaints);
      }
      await page.context().unrouteAll({ behavior: 'ignoreErrors' });
      await page.context().close();
    },
    close: () => started.close(),
  };
}
