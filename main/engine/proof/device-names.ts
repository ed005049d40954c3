/** The names of the account's devices, asked of the relay when a person looks at them. */
import { milliseconds, ParleyError, type Device, type DeviceId } from '../../../protocol/index.ts';
import type { Clock } from '../runtime/clock.ts';

export interface DeviceNames {
  /** Null while it is not known. */
  of(device: DeviceId): string | null;
  /** Asks when what is known is older than a minute. */
  look(): void;
}

interface NamesDeps {
  readonly clock: Clock;
  readonly load: () => Promise<readonly Device[]>;
  readonly onChanged: () => void;
  readonly onFault: (error: unknown) => void;
}

export function createDeviceNames({ clock, load, onChanged, onFault }: NamesDeps): DeviceNames {
  let names: ReadonlyMap<DeviceId, string> = new Map();
  let askedAt = Number.NEGATIVE_INFINITY;

  /** Without the relay the devices go without names, and the next look asks again. */
  function failed(error: unknown): void {
    askedAt = Number.NEGATIVE_INFINITY;
    if (!(error instanceof ParleyError)) onFault(error);
  }

  async function ask(): Promise<void> {
    const before = JSON.stringify([...names]);
    names = new Map((await load()).map(({ id, name }) => [id, name]));
    if (JSON.stringify([...names]) !== before) onChanged();
  }

  return {
    of: (device) => names.get(device) ?? null,
    look() {
      if (clock.monotonic() - askedAt < milliseconds.minute) return;
      askedAt = clock.monotonic();
      void ask().catch(failed);
    },
  };
}
