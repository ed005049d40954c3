/** All that a relay's store keeps, part by part, in a form that belongs to no database: what is moved and compared. */

/** `id`: a UUID as text. `?`: may be null. */
export type Kind = 'id' | 'text' | 'text?' | 'number' | 'number?' | 'flag' | 'bytes' | 'bytes?';

/** In the order in which they are copied: what a row names comes before it. */
export const parts = {
  users: {
    user: 'id',
    username: 'text',
    displayName: 'text',
    email: 'text?',
    phone: 'text?',
    passwordHash: 'text',
    createdAt: 'number',
    lastActiveAt: 'number?',
    disabled: 'flag',
  },
  devices: {
    user: 'id',
    device: 'id',
    name: 'text',
    platform: 'text',
    createdAt: 'number',
    lastActiveAt: 'number',
    generation: 'number',
    tokenHash: 'bytes?',
  },
  revokedTokens: { tokenHash: 'bytes', user: 'id', device: 'id' },
  invites: {
    hash: 'bytes',
    label: 'text',
    createdAt: 'number',
    expiresAt: 'number?',
    uses: 'number',
    maxUses: 'number',
    revoked: 'flag',
  },
  conversations: { conversation: 'id', kind: 'text', epoch: 'number', createdAt: 'number' },
  members: { conversation: 'id', user: 'id', delivered: 'number', read: 'number' },
  /** The lesser id first. */
  pairs: { low: 'id', high: 'id', conversation: 'id' },
  log: {
    conversation: 'id',
    seq: 'number',
    message: 'id',
    user: 'id',
    device: 'id',
    kind: 'text',
    time: 'number',
    payload: 'bytes',
  },
  /** What of the log lies elsewhere; the segments themselves stay where they are. */
  segments: {
    conversation: 'id',
    firstSeq: 'number',
    lastSeq: 'number',
    object: 'text',
    bytes: 'number',
    hash: 'bytes',
    link: 'bytes',
    leastId: 'id',
    greatestId: 'id',
    notedAt: 'number',
    pruned: 'flag',
  },
  holds: { conversation: 'id', blob: 'bytes', user: 'id', bytes: 'number', at: 'number' },
  uploads: { user: 'id', blob: 'bytes', conversation: 'id', bytes: 'number', at: 'number' },
  removals: { blob: 'bytes' },
  checkpoints: { conversation: 'id', seq: 'number', link: 'bytes' },
  attestations: { conversation: 'id', user: 'id', device: 'id', seq: 'number', link: 'bytes', at: 'number' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Kind>>>>;

type Parts = typeof parts;
export type Part = keyof Parts;

export const partNames = Object.keys(parts) as readonly Part[];

/** What people call them. */
export const partTitles: Readonly<Record<Part, string>> = {
  users: 'accounts',
  devices: 'devices',
  revokedTokens: 'ended sessions',
  invites: 'invites',
  conversations: 'conversations',
  members: 'members',
  pairs: 'pairs',
  log: 'messages',
  segments: 'cold segments',
  holds: 'files held',
  uploads: 'uploads',
  removals: 'files let go of',
  checkpoints: 'checkpoints',
  attestations: 'words of devices',
};

interface Values {
  id: string;
  text: string;
  'text?': string | null;
  number: number;
  'number?': number | null;
  flag: boolean;
  bytes: Uint8Array;
  'bytes?': Uint8Array | null;
}

export type Value = Values[Kind];
export type Row<P extends Part> = {
  readonly [C in keyof Parts[P]]: Parts[P][C] extends Kind ? Values[Parts[P][C]] : never;
};

/** A part's columns with their kinds, in order. */
export function columnsOf(part: Part): readonly (readonly [column: string, kind: Kind])[] {
  return Object.entries<Kind>(parts[part]);
}
