/** The checker: waits until everybody has everything, within a deadline, and says what is still against the rules. */
import type { World } from '../world.ts';
import { draftsAreKept, pinsAgree } from './account-rules.ts';
import { chainsAreEqual } from './chain-rules.ts';
import { changesAreKept, lastWordsStand } from './change-rules.ts';
import {
  cursorsAgree,
  deliveriesAreTold,
  devicesAreBack,
  devicesHoldTheLog,
  erasedDevicesHoldNothing,
} from './device-rules.ts';
import { createFileChecker } from './file-rules.ts';
import { gather, type Findings, type Look, type Rule } from './findings.ts';
import { logIsGapFree, membersSeeTheSame, nothingIsTwice, relayKeptItsWord } from './log-rules.ts';
import { createGrowthRule } from './growth-rule.ts';
import { nodesServeTheSame } from './node-rules.ts';
import { presenceIsTrue } from './presence-rule.ts';
import { idsAreThoseOfTheCommand, readIsKept, typedIsKept, typedOrderIsKept } from './promise-rules.ts';
import { viewsAreOfTheLog } from './view-rules.ts';

const rules: readonly Rule[] = [
  devicesAreBack,
  logIsGapFree,
  membersSeeTheSame,
  nodesServeTheSame,
  nothingIsTwice,
  relayKeptItsWord,
  devicesHoldTheLog,
  cursorsAgree,
  deliveriesAreTold,
  typedIsKept,
  typedOrderIsKept,
  idsAreThoseOfTheCommand,
  readIsKept,
  draftsAreKept,
  erasedDevicesHoldNothing,
  changesAreKept,
  lastWordsStand,
  pinsAgree,
  viewsAreOfTheLog,
  chainsAreEqual,
];

export interface Checker {
  /** @returns what is against the rules, once nothing is or the time is up. */
  settle(
    withinMs: number,
    isLast: boolean,
  ): Promise<{ readonly violations: readonly string[]; readonly findings: Findings | null }>;
}

const lookEveryMs = 30;
/** What P7 allows for a dead link, and more than the rig's relays take to notice one. */
const presenceWithinMs = 30_000;

export function createChecker(world: World): Checker {
  const growth = createGrowthRule();
  const files = createFileChecker(world);

  async function look(how: Look): Promise<{ violations: string[]; findings: Findings | null }> {
    try {
      const findings = await gather(world, how);
      const violations = rules.flatMap((rule) => [...rule(findings)]);
      if (how.deep && violations.length === 0) violations.push(...(await files.check(findings)));
      return { findings, violations };
    } catch (error) {
      return { findings: null, violations: [`the run could not be read: ${String(error)}`] };
    }
  }

  return {
    async settle(withinMs, isLast) {
      const until = performance.now() + withinMs;
      for (;;) {
        const isOver = performance.now() >= until;
        if (isOver || ((await isQuiet(world)) && isClean(await look({ deep: false, isLast })))) {
          const { findings, violations } = await look({ deep: true, isLast });
          if (findings && violations.length === 0) {
            const late = await presenceIsTrue(world, presenceWithinMs);
            return { findings, violations: [...growth(findings), ...late, ...world.seen] };
          }
          if (isOver) return { findings, violations: [...(await stillMoving(world)), ...violations, ...world.seen] };
        }
        await new Promise((done) => setTimeout(done, lookEveryMs));
      }
    },
  };
}

const isClean = ({ violations }: { violations: readonly string[] }): boolean => violations.length === 0;

/** What is told of everything below it while it moves: what was read first may lack what was read last. */
async function stillMoving(world: World): Promise<string[]> {
  return (await isQuiet(world))
    ? []
    : ['not everybody came to rest in time; what follows may only have been on its way'];
}

/** Whether it is worth while to read everything: every device is connected and has nothing left to send. */
async function isQuiet({ devices }: World): Promise<boolean> {
  try {
    const quiet = devices.map(async ({ engine }) => {
      if ((await engine?.invoke('session.get'))?.state !== 'signed-in') return true;
      if ((await engine?.invoke('connection.get'))?.state !== 'online') return false;
      const all = (await engine?.invoke('conversations.list', {})) ?? [];
      return all.every(({ preview }) => preview?.state !== 'queued');
    });
    return (await Promise.all(quiet)).every(Boolean);
  } catch {
    return false;
  }
}
