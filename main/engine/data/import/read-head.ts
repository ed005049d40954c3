/** Reads what a folder says it holds, and refuses what is not an export of this account. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ParleyError } from '../../../../protocol/index.ts';
import { isMissingFile } from '../../blobs/durable-files.ts';
import type { AccountRecord } from '../../storage/profile-store.ts';
import { exportFormat, exportHeadSchema } from '../export/export-format.ts';

export type ReadHead = z.output<typeof exportHeadSchema>;

/** A head has some hundred bytes a conversation. */
const mostHeadBytes = 64 * 1024 * 1024;

const anyHeadSchema = z.object({ format: z.literal(exportFormat.name), version: z.number() });

/** @throws ParleyError `bad_request` for another account's or relay's, `file_unreadable` for what is no export. */
export async function readExportHead(folder: string, { account, relay }: AccountRecord): Promise<ReadHead> {
  const json = await readJson(join(folder, exportFormat.head));
  const any = anyHeadSchema.safeParse(json);
  if (!any.success) throw notExport();
  if (any.data.version > exportFormat.version) throw newerExport();
  const head = exportHeadSchema.safeParse(json);
  if (!head.success) throw notExport();
  if (head.data.relay.id !== relay.id) throw otherRelay(head.data, relay.name);
  if (head.data.account.id !== account.id) throw otherAccount(head.data, account.username);
  return head.data;
}

async function readJson(path: string): Promise<unknown> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      return size > mostHeadBytes ? null : JSON.parse(await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissingFile(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}

function notExport(): ParleyError {
  return new ParleyError('file_unreadable', {
    message: `This folder is no export of Parley, or its ${exportFormat.head} is damaged. Choose the folder in which that file lies.`,
  });
}

function newerExport(): ParleyError {
  return new ParleyError('file_unreadable', {
    message: 'This export was made by a newer version of Parley. Update Parley to take it in.',
  });
}

function otherAccount({ account }: ReadHead, here: string): ParleyError {
  return new ParleyError('bad_request', {
    message: `This is an export of ${account.username}, and ${here} is logged in here. Only an export of the same account can be taken in.`,
  });
}

function otherRelay({ relay }: ReadHead, here: string): ParleyError {
  return new ParleyError('bad_request', {
    message: `This export is of an account on another relay, ${relay.name}, not on ${here}. Log in there to take it in.`,
  });
}
