/** Jobs on all data in words: what goes on, and what came of it. Pure. */
import type { DataJob } from '../../../bridge/views.ts';
import { filesWords } from '../settings/storage-use.svelte.ts';

type Result = NonNullable<DataJob['result']>;

const running: Record<DataJob['job'], string> = {
  export: 'Exporting your messages and files…',
  import: 'Taking in what is missing here…',
  backup: 'Making the backup…',
  restore: 'Restoring the backup…',
};

const cancelled: Record<DataJob['job'], string> = {
  export: 'The export was cancelled. Nothing of it is left.',
  import: 'The import was cancelled. What it took in before that stays.',
  backup: 'The backup was cancelled. Nothing of it is left.',
  restore: 'The restore was cancelled. Nothing was changed on this computer.',
};

const failed: Record<DataJob['job'], string> = {
  export: 'The export did not work.',
  import: 'The import did not work.',
  backup: 'The backup was not made.',
  restore: 'The backup was not restored.',
};

export function jobWords(job: DataJob, locale?: string): string {
  if (job.state === 'running') return running[job.job];
  if (job.state === 'cancelled') return cancelled[job.job];
  if (job.state === 'failed') return `${failed[job.job]} ${job.failure?.message ?? ''}`.trim();
  return job.result ? doneWords(job.job, job.result, locale) : 'Done.';
}

/** Between 0 and 1. */
export function jobProgress({ done, total }: DataJob): number {
  return total <= 0 ? 0 : Math.min(1, done / total);
}

function doneWords(job: DataJob['job'], result: Result, locale?: string): string {
  const counted = `${messagesWords(result.messages, locale)} and ${filesWords(result.files, locale)}`;
  const missing = `${missingWords(job, result.missingFiles, locale)}${leftOutWords(result.leftOut, locale)}`;
  if (job === 'import' && result.messages === 0 && result.files === 0)
    return `Everything in this export was here already.${missing}`;
  const words = {
    export: `Exported ${counted}.`,
    import: `Took in ${counted} that were missing here.`,
    backup: `Backup made: ${counted}.`,
    restore: `Backup restored: ${counted}.`,
  };
  return `${words[job]}${missing}`;
}

function missingWords(job: DataJob['job'], count: number, locale?: string): string {
  if (count === 0) return '';
  const words = `${capital(filesWords(count, locale))} ${count === 1 ? 'is' : 'are'}`;
  return job === 'import' || job === 'restore'
    ? ` ${words} not in it; what the relay still has is fetched when you open it.`
    : ` ${words} not on this computer, and so not in it.`;
}

function leftOutWords(count: number, locale?: string): string {
  if (count === 0) return '';
  const words = messagesWords(count, locale);
  const verb = count === 1 ? 'was' : 'were';
  return ` ${capital(words)} ${verb} left out: this computer holds others in their place, or they can’t be read.`;
}

function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function messagesWords(count: number, locale?: string): string {
  return count === 1 ? 'one message' : `${count.toLocaleString(locale)} messages`;
}
