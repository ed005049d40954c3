/** The account's devices that this one knows of, and those the person has yet to be told of. */
import { deviceSchema, type Device, type DeviceId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

export interface KnownDevicesTable {
  all(): DeviceId[];
  /** @param isNews whether the person is to be told of it. */
  add(device: Device, isNews: boolean): void;
  /** Devices the person was not told of, as they were when they appeared. */
  news(): Device[];
  /** The person saw that it is there. */
  acknowledge(device: DeviceId): void;
  remove(device: DeviceId): void;
}

export function createKnownDevicesTable(database: Database): KnownDevicesTable {
  const selectAll = database.prepare<[], DeviceId>('SELECT device FROM known_devices').pluck();
  const insert = database.prepare<[string, string | null]>(
    'INSERT INTO known_devices (device, news) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const selectNews = database
    .prepare<[], string>('SELECT news FROM known_devices WHERE news IS NOT NULL ORDER BY device')
    .pluck();
  const clearNews = database.prepare<[string]>('UPDATE known_devices SET news = NULL WHERE device = ?');
  const erase = database.prepare<[string]>('DELETE FROM known_devices WHERE device = ?');
  return {
    all: () => selectAll.all(),
    add: (device, isNews) => void insert.run(device.id, isNews ? JSON.stringify(device) : null),
    news: () => selectNews.all().flatMap((json) => deviceSchema.safeParse(JSON.parse(json)).data ?? []),
    acknowledge: (device) => void clearNews.run(device),
    remove: (device) => void erase.run(device),
  };
}
