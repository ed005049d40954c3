/** Devices in words. Pure. */
import type { DeviceView } from '../../../bridge/views.ts';

const platforms: Record<string, string> = { darwin: 'macOS', linux: 'Linux', win32: 'Windows' };

export function platformWords(platform: string): string {
  return platforms[platform] ?? platform;
}

/** "anna-laptop (Linux)". */
export function deviceWords({ name, platform }: Pick<DeviceView, 'name' | 'platform'>): string {
  return `${name} (${platformWords(platform)})`;
}
