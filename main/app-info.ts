/** What the page is told about this installation. */
import { app, Notification } from 'electron';
import type { AppInfo } from '../bridge/shell-contract.ts';
import type { BootContext } from './boot-context.ts';
import type { SecretStore } from './secrets.ts';
import { hasNotificationService } from './session-bus.ts';

export async function describeApp(context: BootContext, secrets: SecretStore): Promise<AppInfo> {
  const { profile, platform, suggestion, env } = context;
  return {
    version: app.getVersion(),
    platform,
    profile: profile.name,
    dataDir: profile.dir,
    secretStorage: secrets.storage,
    suggestedRelay: suggestion.get(),
    notificationsSupported: Notification.isSupported() && (await hasNotificationService(platform, env)),
    drawsInSoftware: await drawsInSoftware(),
  };
}

/** Chromium knows it a moment after its start. */
async function drawsInSoftware(): Promise<boolean> {
  await app.getGPUInfo('basic');
  return app.getGPUFeatureStatus().gpu_compositing !== 'enabled';
}
