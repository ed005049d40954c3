/** The log of a store that is opened to be read once. */
import type { Log } from '../../../signaling-server/ports/log.ts';

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
