/** The devices on which the caller is logged in. */
import { Hono } from 'hono';
import { deviceIdSchema, ParleyError, type Device } from '../../protocol/index.ts';
import type { StoredDevice } from '../ports/store.ts';
import { authenticate } from './authenticate.ts';
import { endSessions } from './device-sessions.ts';
import type { HttpDeps, HttpEnv } from './http-deps.ts';

/** Mounted at `/v1/devices`. */
export function deviceRoutes(deps: HttpDeps) {
  return new Hono<HttpEnv>()
    .use(authenticate(deps.store))
    .get('/', async (context) => {
      const { device: asking } = context.var.caller;
      const devices = await deps.store.devices.listOf(asking.user);
      return context.json({ devices: devices.map((device) => publicDevice(device, asking)) });
    })
    .delete('/:id', async (context) => {
      const id = deviceIdSchema.safeParse(context.req.param('id')).data;
      const { device: asking } = context.var.caller;
      const how = { erase: id !== asking.id };
      const ended = id === undefined ? [] : await endSessions(deps, asking.user, [id], how);
      if (ended.length === 0) throw new ParleyError('not_found', { message: 'There is no such device any more.' });
      return context.body(null, 204);
    });
}

function publicDevice({ id, name, platform, createdAt, lastActiveAt }: StoredDevice, asking: StoredDevice): Device {
  return { id, name, platform, createdAt, lastActiveAt, current: id === asking.id };
}
