/** Tells who is there, to those who look (P7). */
import type { ClientFrame, FrameOf, Presence, Profile, UserId } from '../../protocol/index.ts';
import type { Note, Subject } from '../ports/bus.ts';
import type { Feeder } from './feeder.ts';
import { say } from './frames-out.ts';
import type { LastSeen } from './last-seen.ts';
import type { People } from './people.ts';
import type { RelayParts } from './relay-parts.ts';
import type { OpenSession } from './session.ts';

/** The people that a session looks at. */
export interface Watching {
  /** All that it asked for, in its order. */
  readonly asked: readonly UserId[];
  /** Those of them of whom it may know: itself and people with whom it shares a conversation. */
  allowed: readonly UserId[];
  /** Changes while the first answer is being put together: they are told after it. Null afterwards. */
  early: Presence[] | null;
}

interface Watched {
  readonly sessions: Set<OpenSession>;
  readonly leave: () => void;
}

export class PresenceBoard {
  readonly #parts: RelayParts;
  readonly #people: People;
  readonly #lastSeen: LastSeen;
  readonly #watched = new Map<UserId, Watched>();
  #feeder: Pick<Feeder, 'hasRoom' | 'tellLater'> | null = null;

  constructor(parts: RelayParts, people: People, lastSeen: LastSeen) {
    this.#parts = parts;
    this.#people = people;
    this.#lastSeen = lastSeen;
  }

  /** Board and feeder know each other: full sessions hear of changes later, and then ask the board anew. */
  useFeeder(feeder: Pick<Feeder, 'hasRoom' | 'tellLater'>): void {
    this.#feeder = feeder;
  }

  /** The user's first session here opened. */
  cameOnline(user: UserId): void {
    this.#tell({ user, online: true, lastActiveAt: this.#parts.clock() });
  }

  /** The user's last session here closed; another node may hold one still. */
  async wentOffline(user: UserId): Promise<void> {
    const lastActiveAt = this.#parts.clock();
    const elsewhere = await this.#parts.bus.subscribed([`user:${user}`]);
    if (elsewhere.size > 0 || this.#people.get(user)?.sessions.length) return;
    this.#tell({ user, online: false, lastActiveAt });
  }

  #tell(presence: Presence): void {
    this.#parts.bus.publish(`watch:${presence.user}`, { type: 'presence', presence });
  }

  /** Replaces whom the session looks at, and answers with how they are. */
  async watch(session: OpenSession, { users }: FrameOf<ClientFrame, 'watch'>): Promise<void> {
    await this.#look(session, [...new Set(users)]);
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
    const users = await this.#snapshot(asked, watching.allowed);
    if (session.watching !== watching) return;
    say(session, { type: 'presence', users: mergeChanges(users, watching.early ?? []) });
    watching.early = null;
  }

  async #snapshot(asked: readonly UserId[], allowed: readonly UserId[]): Promise<Presence[]> {
    const online = await this.#parts.bus.subscribed(allowed.map((user): Subject => `user:${user}`));
    const times = await this.#lastSeen.of(allowed);
    const now = this.#parts.clock();
    const known = new Set(allowed);
    return asked.map((user) => {
      if (!known.has(user)) return { user, online: false, lastActiveAt: null };
      if (online.has(`user:${user}`)) return { user, online: true, lastActiveAt: now };
      const at = times.get(user);
      // A clock that was ahead has left times that are still to come.
      return { user, online: false, lastActiveAt: at === undefined ? null : Math.min(at, now) };
    });
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

  #add(user: UserId, session: OpenSession): void {
    const watched = this.#watched.get(user);
    if (watched) return void watched.sessions.add(session);
    const leave = this.#parts.bus.subscribe(`watch:${user}`, (note) => this.#hear(user, note));
    this.#watched.set(user, { sessions: new Set([session]), leave });
  }

  #hear(user: UserId, note: Note): void {
    for (const session of this.#watched.get(user)?.sessions ?? []) {
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

function mergeChanges(users: readonly Presence[], changes: readonly Presence[]): Presence[] {
  const latest = new Map(changes.map((change) => [change.user, change]));
  return users.map((presence) => latest.get(presence.user) ?? presence);
}
