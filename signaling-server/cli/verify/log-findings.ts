/** Sums up what walking a log found, whichever database it is in. */
import { ok, type Finding } from '../doctor/finding.ts';
import type { Differences } from './differences.ts';

export interface LogTotals {
  messages: number;
  checkpoints: number;
  conversations: number;
  /** Messages that are in cold segments. */
  cold: number;
}

interface LogWalk {
  readonly total: Readonly<LogTotals>;
  readonly differences: Readonly<Record<'messages' | 'chains' | 'devices', Differences>>;
  /** What to do when the log is not what it should be. */
  readonly restore: string;
  /** What is whole when only devices differ. */
  readonly whole: string;
  /** Findings that only this kind of database has. */
  readonly others?: readonly Finding[];
}

export function describeLog({ total, differences, restore, whole, others = [] }: LogWalk): Finding[] {
  const { messages, chains, devices } = differences;
  return [
    messages.finding(
      'messages',
      `${total.messages} in ${total.conversations} conversations, each in its place`,
      restore,
    ),
    chains.finding('chains', `${total.checkpoints} checkpoints, all as they were kept`, restore),
    ...others,
    ...describeCold(total.cold),
    devices.finding(
      'devices',
      'what they signed off is what the log says',
      `${whole} is whole if all else is ok. Those devices compare again when they connect, and mend themselves.`,
      'warn',
    ),
  ];
}

/** Their hashes are compared whenever they are read. */
function describeCold(messages: number): Finding[] {
  return messages === 0 ? [] : [ok('cold', `${messages} messages in segments, which the database vouches for`)];
}
