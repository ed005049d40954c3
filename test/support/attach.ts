/** Sends files through the app as a person does: chooses them, looks at the preview, presses "Send". */
import { expect, type Locator } from '@playwright/test';
import type { ChatApp } from './chat-app.ts';

interface AttachOptions {
  readonly caption?: string;
  /** Pictures as they are, in place of resized and without camera data. */
  readonly original?: boolean;
}

/** Opens the preview with these files; all of them are read when it returns. */
export async function chooseFiles({ page }: ChatApp, files: readonly string[]): Promise<Locator> {
  await page.getByTestId('choose-files').setInputFiles([...files]);
  const preview = page.getByRole('dialog', { name: /^Send / });
  await expect(preview.getByRole('button', { name: 'Send', exact: true })).toBeEnabled();
  return preview;
}

/** @returns the moment of the click on "Send", `Date.now()` of this machine. */
export async function attachFiles(
  app: ChatApp,
  files: readonly string[],
  { caption, original = false }: AttachOptions = {},
): Promise<number> {
  const preview = await chooseFiles(app, files);
  if (original) await preview.getByRole('radio', { name: 'Original' }).check({ force: true });
  if (caption !== undefined) await preview.getByRole('textbox').fill(caption);
  const clicked = Date.now();
  await preview.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(preview).toBeHidden();
  return clicked;
}
