/** Compares what the members' devices signed off with this device's chain. */
import { limits, type ConversationId, type DeviceId, type UserId } from '../../../protocol/index.ts';
import type { Chains, Pace } from './chains.ts';
import { sameLink, type ChainPoint, type Link } from './links.ts';
import { linksBySeq, type Chained, type RelayAsks } from './relay-asks.ts';

/** What is known of one device. */
export interface DeviceWord {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly state: 'same' | 'different';
  readonly seq: number;
  readonly time: number;
}

interface CompareOptions {
  readonly asks: RelayAsks;
  readonly chains: Chains;
  readonly conversation: ConversationId;
  /** How far this device holds the conversation. */
  readonly point: ChainPoint;
  readonly pace: Pace;
}

/** A device that is further than this one is compared with the relay's link there, as long as this one cannot know its own. */
export async function compareDevices(options: CompareOptions, words: Chained['devices']): Promise<DeviceWord[]> {
  const links = new Map<number, Link>();
  for (const seq of new Set(words.map((word) => word.seq))) {
    const own = seq <= options.point.seq ? options.chains.pointAt(options.conversation, seq) : null;
    if (own) links.set(seq, own.link);
    await options.pace();
  }
  const unknown = [...new Set(words.map(({ seq }) => seq))].filter((seq) => seq > 0 && !links.has(seq));
  for (let at = 0; at < unknown.length; at += limits.chainEntries) {
    const { links: told } = await options.asks.chain(options.conversation, unknown.slice(at, at + limits.chainEntries));
    for (const [seq, link] of linksBySeq(told)) links.set(seq, link);
  }
  return words.map(({ user, device, seq, link, time }) => {
    const known = links.get(seq);
    return { user, device, seq, time, state: known !== undefined && sameLink(known, link) ? 'same' : 'different' };
  });
}
