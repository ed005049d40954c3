/** What the screens may ask of the shell (Electron's main process): windows, settings of this computer, the system. */
import { conversationIdSchema } from '../protocol/index.ts';
import { z } from 'zod';
import { defineContract, noInput, nothing } from './contract.ts';
import { mediaRefSchema } from './media-views.ts';

/** Settings of this computer and profile; they do not follow the account. */
export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  /** What a notification tells: everything, only that somebody wrote, or nothing at all. */
  notifications: z.enum(['full', 'private', 'off']),
  notificationSound: z.boolean(),
  /** Closing the window keeps Parley in the tray. */
  closeToTray: z.boolean(),
  /** Enter sends and Shift+Enter breaks; otherwise Ctrl/Cmd+Enter sends. */
  enterSends: z.boolean(),
  density: z.enum(['comfortable', 'compact']),
  /** Root font size in percent. */
  textScale: z.number().int().min(75).max(200),
  /** Width of the conversation list in pixels. */
  listWidth: z.number().int().min(280).max(360),
});
export type Settings = z.infer<typeof settingsSchema>;

export const defaultSettings: Settings = {
  theme: 'system',
  notifications: 'full',
  notificationSound: true,
  closeToTray: true,
  enterSends: true,
  density: 'comfortable',
  textScale: 100,
  listWidth: 320,
};

const appInfoSchema = z.object({
  version: z.string(),
  platform: z.enum(['darwin', 'linux', 'win32']),
  profile: z.string(),
  dataDir: z.string(),
  /** Where the session token lies: sealed by the system's keychain, or in a file only this user can read. */
  secretStorage: z.enum(['keychain', 'file']),
  /** Filled into the welcome screen. */
  suggestedRelay: z.string().nullable(),
  /** False where the system has no notification service. */
  notificationsSupported: z.boolean(),
  /** True where no graphics card draws the window: what moves costs the processor each of its frames. */
  drawsInSoftware: z.boolean(),
});
export type AppInfo = z.infer<typeof appInfoSchema>;

export const shellContract = defineContract({
  commands: {
    'app.info': { input: noInput, output: appInfoSchema },
    'settings.get': { input: noInput, output: settingsSchema },
    'settings.set': { input: settingsSchema.partial(), output: settingsSchema },
    'clipboard.write': { input: z.object({ text: z.string().max(1_000_000) }), output: nothing },
    /** Opens an https, http or mailto link in the system's program for it. */
    'links.open': { input: z.object({ url: z.url().max(2_000) }), output: nothing },
    /** The conversation that is on screen; its messages raise no notification while the window has the focus. */
    'page.showing': { input: z.object({ conversation: conversationIdSchema.nullable() }), output: nothing },
    'app.show-data-folder': { input: noInput, output: nothing },
    /** Asks the person for a place and writes the file there. @returns whether they chose one. */
    'media.save': { input: mediaRefSchema, output: z.object({ saved: z.boolean() }) },
    /** Opens a copy in the system's program for it. A dangerous file fails with `forbidden` unless the person was asked. */
    'media.open': { input: mediaRefSchema.extend({ confirmed: z.boolean() }), output: nothing },
    /** Shows the saved copy in its folder; without one it is saved to the downloads first. */
    'media.show': { input: mediaRefSchema, output: nothing },
    /** Each asks the person for a place first and begins the engine's job of that name. @returns whether they chose one. */
    'data.export': { input: noInput, output: z.object({ begun: z.boolean() }) },
    'data.import': { input: noInput, output: z.object({ begun: z.boolean() }) },
    'data.backup': {
      input: z.object({ passphrase: z.string().min(8).max(1_024) }),
      output: z.object({ begun: z.boolean() }),
    },
    'data.restore': {
      input: z.object({ passphrase: z.string().max(1_024) }),
      output: z.object({ begun: z.boolean() }),
    },
    /** Asks the system for the microphone where the system wants to be asked. @returns whether Parley may record. */
    'microphone.ask': { input: noInput, output: z.object({ granted: z.boolean() }) },
  },
  events: {
    'settings.changed': settingsSchema,
    /** From a notification, the tray or the menu. */
    'open.conversation': z.object({ conversation: conversationIdSchema }),
    'open.settings': z.null(),
    'open.new-conversation': z.null(),
    'open.search': z.null(),
    'window.focused': z.boolean(),
    /** A link named a relay while the app runs: for the welcome screen, as `suggestedRelay` is. */
    'relay.suggested': z.object({ relay: z.string() }),
  },
});
export type ShellContract = typeof shellContract;
