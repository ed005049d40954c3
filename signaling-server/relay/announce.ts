/** Tells sockets what the HTTP side and the admin's commands changed. */
import type { DeviceId, Profile, UserId } from '../../protocol/index.ts';
import type { Bus } from '../ports/bus.ts';

/** A profile changed: the user's own devices and those who look at the user hear of it. */
export function announceProfile(bus: Bus, profile: Profile): void {
  bus.publish(`user:${profile.id}`, { type: 'profile', profile });
  bus.publish(`watch:${profile.id}`, { type: 'profile', profile });
}

/** Devices were revoked, or all of them when the account was disabled: their sockets close. */
export function announceRevoked(bus: Bus, user: UserId, devices: readonly DeviceId[] | 'all'): void {
  bus.publish(`user:${user}`, { type: 'revoked', devices });
}
