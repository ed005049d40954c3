/** The caller's conversations: opening one with a person, and listing them. */
import { Hono } from 'hono';
import {
  listConversationsSchema,
  openConversationSchema,
  type Conversation,
  type Profile,
} from '../../protocol/index.ts';
import type { Store } from '../ports/store.ts';
import { authenticate } from './authenticate.ts';
import type { HttpDeps, HttpEnv } from './http-deps.ts';
import { parseInput, readJson } from './json-body.ts';

/** Mounted at `/v1/conversations`. */
export function conversationRoutes({ store, acts, limits }: HttpDeps) {
  return new Hono<HttpEnv>()
    .use(authenticate(store))
    .post('/', async (context) => {
      const input = await readJson(context, openConversationSchema);
      const { id } = context.var.caller.profile;
      await limits.lookups.take(id);
      const { conversation, profiles } = await acts.openDirect(id, input.with, input.id);
      return context.json({ conversation, profiles });
    })
    .get('/', async (context) => {
      const { after, limit } = parseInput(listConversationsSchema, context.req.query());
      const found = await store.conversations.pageOf(context.var.caller.profile.id, after ?? null, limit + 1);
      const page = found.slice(0, limit);
      const next = found.length > limit ? (page.at(-1)?.id ?? null) : null;
      return context.json({ conversations: page, profiles: await profilesIn(store, page), next });
    });
}

function profilesIn(store: Store, conversations: readonly Conversation[]): Promise<Profile[]> {
  const members = conversations.flatMap(({ cursors }) => cursors.map(({ user }) => user));
  return store.accounts.profiles([...new Set(members)]);
}
