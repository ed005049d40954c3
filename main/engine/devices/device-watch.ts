/** Notices devices of the account that were not there before, so that the person is warned once of each. */
import type { EngineContract } from '../../../bridge/engine-contract.ts';
import type { GuestContract } from '../../../bridge/host-contract.ts';
import type { DeviceView } from '../../../bridge/views.ts';
import { errorTable, ParleyError, type Device, type DeviceId } from '../../../protocol/index.ts';
import type { SessionApi } from '../connection/relay-api.ts';
import type { Clock } from '../runtime/clock.ts';
import type { EventHub } from '../runtime/event-hub.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../storage/store.ts';

export interface DeviceWatch {
  /** The account's devices may be others now: asks the relay. */
  look(): void;
  /** Those the person was not told of yet. */
  news(): DeviceView[];
  /** The person saw that these are there. */
  acknowledge(devices: readonly DeviceId[]): void;
  stop(): void;
}

interface WatchDeps {
  readonly store: Store;
  readonly api: Pick<SessionApi, 'devices'>;
  readonly pages: EventHub<EngineContract>;
  readonly guest: EventHub<GuestContract>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onFault: (error: unknown) => void;
}

const againMs = 30_000;

export function createDeviceWatch({ store, api, pages, guest, clock, log, onFault }: WatchDeps): DeviceWatch {
  const { knownDevices } = store;
  let looking = false;
  let lookAgain = false;
  let stopped = false;
  let cancel = () => {};

  async function ask(): Promise<void> {
    try {
      const devices = await api.devices();
      if (!stopped) take(devices);
    } catch (error) {
      if (stopped) return;
      if (!(error instanceof ParleyError) || error.code.startsWith('storage_')) return onFault(error);
      log.warn('devices.unknown', { code: error.code });
      if (errorTable[error.code].retry) cancel = clock.after(againMs, look);
    }
  }

  /** At the very first look there is nothing to compare with: all are known then. */
  function take(devices: readonly Device[]): void {
    const known = new Set(knownDevices.all());
    const added = devices.filter(({ id }) => !known.has(id));
    const appeared = known.size === 0 ? [] : added.filter(({ current }) => !current);
    const present = new Set(devices.map(({ id }) => id));
    const gone = [...known].filter((id) => !present.has(id));
    if (added.length === 0 && gone.length === 0) return;
    store.transact(() => {
      for (const device of added) knownDevices.add(device, appeared.includes(device));
      for (const id of gone) knownDevices.remove(id);
    });
    if (appeared.length === 0) return;
    pages.emit('devices.appeared', appeared);
    guest.emit('devices.appeared', { names: appeared.map(({ name }) => name) });
  }

  async function lookOn(): Promise<void> {
    looking = true;
    do {
      lookAgain = false;
      await ask();
    } while (lookAgain && !stopped);
    looking = false;
  }

  function look(): void {
    cancel();
    if (looking) lookAgain = true;
    else void lookOn();
  }

  return {
    look,
    news: () => knownDevices.news(),
    acknowledge(devices) {
      store.transact(() => {
        for (const device of devices) knownDevices.acknowledge(device);
      });
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}
