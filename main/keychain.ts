/** The system's keychain, where it has one. */
import { safeStorage } from 'electron';
import type { Sealing } from './secrets.ts';

/** After `ready`. Null where the system offers no keychain: Linux' `basic_text` seals with a key that all know. */
export function systemSealing(): Sealing | null {
  if (!safeStorage.isEncryptionAvailable()) return null;
  if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') return null;
  return { seal: (secret) => safeStorage.encryptString(secret), open: (sealed) => safeStorage.decryptString(sealed) };
}
