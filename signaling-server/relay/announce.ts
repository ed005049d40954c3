/** Tells sockets what the HTTP side and the admin's commands changed. */
import type { DeviceId, Profile, UserId } from '../../protocol/index.ts';
import type { Bus } from '../ports/bus.ts';

/** A profile changed: the user's own devices and those who look at the user hear of it. */
export function announceProfile(bus: Bus, profile: Profile): void {
  bus.publish(`user:${profile.id}`, { type: 'profile', profile });
  bus.publish(`watch:${profile.id}`, { type: 'profile', profile });
}

/** Sessions were ended, or all of the user's rest when the account was disabled: their sockets close, others hear of it. */
export function announceRevoked(
  bus: Bus,
  user: UserId,
  devices: readonly DeviceId[] | 'all',
  { erase } = { erase: false },
): void {
  bus.publish(`user:${user}`, { type: 'revoked', devices, erase });
}

/** The user logged in on one more device: the others hear of it. */
export function announceDevice(bus: Bus, user: UserId): void {
  bus.publish(`user:${user}`, { type: 'devices' });
}
