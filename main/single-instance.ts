/** One running app per profile: a second start brings the first one's window up and hands its link over. */
import { app } from 'electron';
import { z } from 'zod';

const handoverSchema = z.object({ deepLink: z.string().max(2_000).nullable() });

/** @returns false when another instance runs this profile; it has been told, and this one should end. */
export function isFirstInstance(deepLink: string | null): boolean {
  return app.requestSingleInstanceLock({ deepLink });
}

export function onSecondInstance(listener: (deepLink: string | null) => void): void {
  app.on('second-instance', (_event, _words, _dir, data) => {
    const handover = handoverSchema.safeParse(data);
    listener(handover.success ? handover.data.deepLink : null);
  });
}
