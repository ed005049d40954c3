/** What people do with their devices: logging in and out, ending a session from elsewhere, closing and opening the app. */
import { actorAt, notNow, type Doers } from './actor.ts';

export const deviceActs: Doers<'login' | 'logout' | 'revoke' | 'restart'> = {
  login(world, { device: index }) {
    const { device } = actorAt(world, index);
    return device.inTurn(() => device.login());
  },
  logout(world, { device: index, erase }) {
    const { device } = actorAt(world, index);
    return device.inTurn(() => device.logout(erase));
  },
  async revoke(world, { device: index, by }) {
    const { device } = actorAt(world, index);
    const { device: other, engine } = actorAt(world, by);
    if (device === other || device.spec.person !== other.spec.person) throw notNow();
    const session = await device.engine?.invoke('session.get');
    if (session?.state !== 'signed-in') throw notNow();
    device.expectRevocation();
    await engine.invoke('devices.revoke', { device: session.device });
  },
  restart(world, { device: index }) {
    const { device } = actorAt(world, index);
    return device.inTurn(async () => {
      await device.stop();
      await device.start();
    });
  },
};
