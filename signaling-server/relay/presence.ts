/** Tells who is there, to those who look (P7). */
import type { ClientFrame, FrameOf, Presence, Profile, UserId } from '../../protocol/index.ts';
import type { Note } from '../ports/bus.ts';
import { createDoubts, type Doubts } from './doubts.ts';
import type { Feeder } from './feeder.ts';
import { say } from './frames-out.ts';
import { OutageLog } from './outage-log.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';
import type { Whereabouts } from './whereabouts.ts';

/** The people that a session looks at. */
export interface Watching {
  /** All that it asked for, in its order. */
  readonly asked: readonly UserId[];
  /** Those of them of whom it may know: itself and people with whom it shares a conversation. */
  allowed: readonly UserId[];
  /** Changes while the first answer is being put together: they are told after it. Null afterwards. */
  early: Presence[] | null;
}

/** Someone at whom sessions here look. */
interface Watched {
  readonly sessions: Set<OpenSession>;
  readonly leave: () => void;
  /** What they were told last; null before the first answer. */
  told: Presence | null;
}

/** Users of one question to the bus. */
const usersAtOnce = 256;

export class PresenceBoard {
  readonly #parts: RelayParts;
  readonly #whereabouts: Whereabouts;
  readonly #outage: OutageLog;
  readonly #watched = new Map<UserId, Watched>();
  readonly #leaving = new Map<UserId, number>();
  /** Null where nothing is lost on the way. */
  readonly #doubts: Doubts | null;
  #feeder: Pick<Feeder, 'hasRoom' | 'tellLater'> | null = null;
  #checking: Promise<void> | null = null;

  constructor(parts: RelayParts, whereabouts: Whereabouts) {
    this.#parts = parts;
    this.#whereabouts = whereabouts;
    this.#outage = new OutageLog(parts, 'presence.failed');
    const askAgain = (users: readonly UserId[]): void => void this.#checkThese(users);
    this.#doubts = parts.bus.isLocal ? null : createDoubts({ uptime: parts.uptime, askAgain });
  }

  /** Board and feeder know each other: full sessions hear of changes later, and then ask the board anew. */
  useFeeder(feeder: Pick<Feeder, 'hasRoom' | 'tellLater'>): void {
    this.#feeder = feeder;
  }

  /** The user's first session here opened. */
  cameOnline(user: UserId): void {
    this.#tell({ user, online: true, lastActiveAt: this.#parts.clock() });
  }

  /** The user's last session here closed; another node may hold one still. Those of one moment are asked about together. */
  wentOffline(user: UserId): void {
    if (this.#leaving.size === 0) setImmediate(() => void this.#settleLeaving());
    this.#leaving.set(user, this.#parts.clock());
  }

  async #settleLeaving(): Promise<void> {
    const left = [...this.#leaving];
    this.#leaving.clear();
    for (let at = 0; at < left.length; at += usersAtOnce) {
      const group = left.slice(at, at + usersAtOnce);
      const online = await this.#whereabouts.online(group.map(([user]) => user));
      for (const [user, lastActiveAt] of group) {
        if (online === null) this.#tell({ user, online: false, lastActiveAt, unknown: true });
        else if (!online.has(user)) this.tellOffline(user, lastActiveAt);
      }
    }
  }

  /** Nobody has a session of the user any more. */
  tellOffline(user: UserId, lastActiveAt: number): void {
    this.#tell({ user, online: false, lastActiveAt });
  }

  #tell(presence: Presence): void {
    this.#parts.bus.publish(`watch:${presence.user}`, { type: 'presence', presence });
  }

  /** Replaces whom the session looks at, and answers with how they are; once it can be found out, if not now. */
  async watch(session: OpenSession, { users }: FrameOf<ClientFrame, 'watch'>): Promise<void> {
    const asked = [...new Set(users)];
    try {
      await this.#look(session, asked);
    } catch (error) {
      this.#outage.note(error);
      const unknown = asked.map((user) => ({ user, online: false, lastActiveAt: null, unknown: true as const }));
      say(session, { type: 'presence', users: unknown });
      this.#feeder?.tellLater(session, 'people');
    }
  }

  /** Tells anew how those are whom the session looks at; also after it came to share a conversation with more of them. */
  async refresh(session: OpenSession): Promise<void> {
    const { watching } = session;
    if (!watching) return;
    await this.#look(session, watching.asked);
    const profiles = await this.#parts.store.accounts.profiles([...(session.watching?.allowed ?? []), session.user]);
    say(session, { type: 'profiles', profiles });
  }

  async #look(session: OpenSession, asked: readonly UserId[]): Promise<void> {
    this.stop(session);
    const watching: Watching = { asked, allowed: [], early: [] };
    session.watching = watching;
    const contacts = new Set(await this.#parts.store.conversations.contactsAmong(session.user, asked));
    // A newer `watch` or the end of the session came in between.
    if (session.watching !== watching || !session.wire.open) return;
    watching.allowed = asked.filter((user) => user === session.user || contacts.has(user));
    for (const user of watching.allowed) this.#add(user, session);
    const found = await this.#whereabouts.of(watching.allowed);
    if (session.watching !== watching) return;
    const known = new Map([...found, ...(watching.early ?? [])].map((presence) => [presence.user, presence]));
    const users = asked.map((user) => known.get(user) ?? { user, online: false, lastActiveAt: null });
    say(session, { type: 'presence', users });
    watching.early = null;
    for (const presence of known.values()) this.#learn(presence, session);
  }

  stop(session: OpenSession): void {
    for (const user of session.watching?.allowed ?? []) {
      const watched = this.#watched.get(user);
      if (!watched?.sessions.delete(session) || watched.sessions.size > 0) continue;
      watched.leave();
      this.#watched.delete(user);
    }
    session.watching = null;
  }

  /**
   * Asks anew about everybody at whom sessions here look, and tells what has changed: notes were lost, other nodes cannot
   * be asked any more, or can be again. Never rejects.
   */
  async check(): Promise<void> {
    await this.#checking;
    await (this.#checking ??= this.#checkAll().finally(() => {
      this.#checking = null;
    }));
  }

  #checkAll(): Promise<void> {
    return this.#checkThese([...this.#watched.keys()]);
  }

  async #checkThese(users: readonly UserId[]): Promise<void> {
    for (let at = 0; at < users.length; at += usersAtOnce) {
      const group = users.slice(at, at + usersAtOnce).filter((user) => this.#watched.has(user));
      const before = new Map(group.map((user) => [user, this.#watched.get(user)?.told]));
      for (const presence of await this.#whereabouts.of(group)) {
        // What was told in the meantime is newer.
        if (this.#watched.get(presence.user)?.told === before.get(presence.user)) this.#learn(presence, null);
      }
    }
  }

  /** Nobody will be asked about by itself any more. */
  close(): void {
    this.#doubts?.stop();
  }

  /** @returns how many of those at whom sessions look may be there or not. */
  get unknown(): number {
    let count = 0;
    for (const { told } of this.#watched.values()) if (told?.unknown) count++;
    return count;
  }

  /** @param asker has been told. */
  #learn(presence: Presence, asker: OpenSession | null): void {
    const watched = this.#watched.get(presence.user);
    if (!watched || (watched.told && isSame(watched.told, presence))) return;
    const isFirst = watched.told === null;
    this.#note(watched, presence);
    if (isFirst) return;
    for (const session of watched.sessions) if (session !== asker) this.#tellOne(session, presence);
  }

  #add(user: UserId, session: OpenSession): void {
    const watched = this.#watched.get(user);
    if (watched) return void watched.sessions.add(session);
    const leave = this.#parts.bus.subscribe(`watch:${user}`, (note) => this.#hear(user, note));
    this.#watched.set(user, { sessions: new Set([session]), leave, told: null });
  }

  #note(watched: Watched, presence: Presence): void {
    watched.told = presence;
    if (!presence.online && !presence.unknown) this.#doubts?.add(presence.user);
  }

  #hear(user: UserId, note: Note): void {
    const watched = this.#watched.get(user);
    if (watched && note.type === 'presence') this.#note(watched, note.presence);
    for (const session of watched?.sessions ?? []) {
      if (note.type === 'presence') this.#tellOne(session, note.presence);
      else if (note.type === 'profile') this.tellProfile(session, note.profile);
    }
  }

  #tellOne(session: OpenSession, presence: Presence): void {
    if (session.watching?.early) session.watching.early.push(presence);
    else if (this.#feeder?.hasRoom(session)) say(session, { type: 'presence', users: [presence] });
    else this.#feeder?.tellLater(session, 'people');
  }

  tellProfile(session: OpenSession, profile: Profile): void {
    if (this.#feeder?.hasRoom(session)) say(session, { type: 'profiles', profiles: [profile] });
    else this.#feeder?.tellLater(session, 'people');
  }
}

function isSame(a: Presence, b: Presence): boolean {
  return a.online === b.online && a.unknown === b.unknown;
}
