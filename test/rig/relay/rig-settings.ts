/** The flags of relays under test. */

/** Short enough that dead links are noticed within a round; limits are a person's, but for those of one address. */
const settings: readonly (readonly [string, string])[] = [
  ['--heartbeat-ms', '500'],
  ['--dead-after-ms', '1500'],
  ['--max-connections-per-address', '1000'],
  ['--max-greetings-per-address', '1000'],
  ['--max-devices-per-user', '1000'],
  // Small disks have no room to leave free.
  ['--media-reserve-bytes', '0'],
  ['--stop-timeout-ms', '1000'],
  ['--name', 'Rig'],
];

export const rigSettings: readonly string[] = settings.flat();
