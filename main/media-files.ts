/** Files of messages outside Parley: saved where the person says, opened in the system's programs, shown in folders. */
import { existsSync, rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { app, dialog, shell, type BrowserWindow } from 'electron';
import { mediaAddress } from '../bridge/media-address.ts';
import type { MediaRef } from '../bridge/media-views.ts';
import { ParleyError } from '../protocol/index.ts';
import { freePath } from './free-path.ts';
import { describeError, type Log } from './log.ts';
import type { AskEngine } from './media-answer.ts';

export interface MediaFiles {
  /** @returns false when the person chose no place. */
  save(ref: MediaRef): Promise<boolean>;
  /** @throws ParleyError `forbidden` for a dangerous file unless `confirmed`, `unavailable` when no program takes it. */
  open(ref: MediaRef, confirmed: boolean): Promise<void>;
  show(ref: MediaRef): Promise<void>;
  /** Takes the copies away that were made to be opened; those that a program still holds go with the next start. */
  clearOpened(): Promise<void>;
}

interface MediaFilesOptions {
  readonly ask: AskEngine;
  /** For copies that are opened; emptied at start and end. */
  readonly openedDir: string;
  /** The dialogs belong to it. */
  readonly window: () => BrowserWindow;
  readonly log: Log;
}

export function createMediaFiles({ ask, openedDir, window, log }: MediaFilesOptions): MediaFiles {
  const opened = new Map<string, Promise<string>>();
  let lastFolder: string | null = null;

  /** Read-only, because what a program changes in such a copy would be lost. */
  async function exportToOpen(ref: MediaRef, name: string): Promise<string> {
    await mkdir(openedDir, { recursive: true, mode: 0o700 });
    const path = join(await mkdtemp(join(openedDir, 'file-')), basename(name));
    await ask('media.export', { ...ref, path, remember: false });
    await chmod(path, 0o400);
    return path;
  }

  /** One copy a file, however often it is opened. */
  async function copyToOpen(ref: MediaRef, name: string): Promise<string> {
    const key = mediaAddress(ref);
    const known = await opened.get(key)?.catch(() => null);
    if (known && existsSync(known)) return known;
    const copy = exportToOpen(ref, name);
    opened.set(key, copy);
    return copy;
  }

  async function clearOpened(): Promise<void> {
    opened.clear();
    await rm(openedDir, { recursive: true, force: true, maxRetries: 2 }).catch((error: unknown) =>
      log.warn('opened.not-cleared', { error: describeError(error) }),
    );
  }

  removeLeftovers(openedDir, log);
  return {
    async save(ref) {
      const { name } = await ask('media.describe', ref);
      const folder = lastFolder ?? app.getPath('downloads');
      const { filePath } = await dialog.showSaveDialog(window(), {
        defaultPath: join(folder, basename(name)),
        properties: ['createDirectory', 'showOverwriteConfirmation'],
      });
      if (!filePath) return false;
      await ask('media.export', { ...ref, path: filePath, remember: true });
      lastFolder = dirname(filePath);
      return true;
    },
    async open(ref, confirmed) {
      const { name, dangerous } = await ask('media.describe', ref);
      if (dangerous && !confirmed) throw notConfirmed();
      const failure = await shell.openPath(await copyToOpen(ref, name));
      if (failure) throw noProgram(failure);
    },
    async show(ref) {
      const { name, savedAs } = await ask('media.describe', ref);
      if (savedAs !== null && existsSync(savedAs)) return shell.showItemInFolder(savedAs);
      const path = freePath(app.getPath('downloads'), basename(name));
      await ask('media.export', { ...ref, path, remember: true });
      shell.showItemInFolder(path);
    },
    clearOpened,
  };
}

/** What a crash left behind, before anything new is there. */
function removeLeftovers(openedDir: string, log: Log): void {
  try {
    rmSync(openedDir, { recursive: true, force: true });
  } catch (error) {
    log.warn('opened.not-cleared', { error: describeError(error) });
  }
}

function notConfirmed(): ParleyError {
  return new ParleyError('forbidden', {
    message: 'This file can run a program and change this computer. Open it only if you trust who sent it.',
  });
}

function noProgram(failure: string): ParleyError {
  return new ParleyError('unavailable', {
    message: 'This system has no program that opens this file. Save it, and open it with a program of your choice.',
    cause: new Error(failure),
  });
}
