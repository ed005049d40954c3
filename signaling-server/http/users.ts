/** Finding people: by the beginning of a name, by exact username, by id. */
import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import { ParleyError, searchUsersSchema, userIdSchema, usernameSchema, type Profile } from '../../protocol/index.ts';
import { authenticate } from './authenticate.ts';
import type { HttpDeps, HttpEnv } from './http-deps.ts';
import { parseInput } from './json-body.ts';

/** Mounted at `/v1/users`. */
export function userRoutes(deps: HttpDeps) {
  const { store, limits, config } = deps;
  return new Hono<HttpEnv>()
    .use(authenticate(store))
    .use(
      createMiddleware<HttpEnv>(async (context, next) => {
        await limits.lookups.take(context.var.caller.profile.id);
        await next();
      }),
    )
    .get('/', async (context) => {
      if (!config.directory) {
        throw new ParleyError('directory_off', { message: "This relay's directory is off. Write the whole username." });
      }
      const { prefix, limit } = parseInput(searchUsersSchema, context.req.query());
      return context.json({ users: await store.accounts.search(prefix, limit) });
    })
    .get('/by-name/:username', async (context) => {
      const username = usernameSchema.safeParse(context.req.param('username')).data;
      const account = username === undefined ? null : await store.accounts.byUsername(username);
      if (account === null || account.disabled) throw unknownUser();
      const { id, displayName } = account;
      return context.json({ user: { id, username: account.username, displayName } satisfies Profile });
    })
    .get('/:id', async (context) => {
      const id = userIdSchema.safeParse(context.req.param('id')).data;
      const [user] = id === undefined ? [] : await store.accounts.profiles([id]);
      if (!user) throw unknownUser();
      return context.json({ user });
    });
}

function unknownUser(): ParleyError {
  return new ParleyError('not_found', { message: 'Nobody here goes by that name.' });
}
