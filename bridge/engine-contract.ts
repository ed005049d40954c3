/** What the screens may ask of the engine, and what it tells them. */
import { z } from 'zod';
import {
  conversationIdSchema,
  deviceIdSchema,
  displayNameSchema,
  emailSchema,
  limits,
  mediaFactsSchema,
  messageIdSchema,
  passwordSchema,
  phoneSchema,
  seqSchema,
  userIdSchema,
  usernameSchema,
} from '../protocol/index.ts';
import { defineContract, noInput, nothing } from './contract.ts';
import {
  accountViewSchema,
  connectionViewSchema,
  conversationViewSchema,
  dataJobSchema,
  deviceViewSchema,
  faultSchema,
  messagePageSchema,
  messageViewSchema,
  personSchema,
  presenceViewSchema,
  relayViewSchema,
  safekeepingSchema,
  searchHitSchema,
  sessionViewSchema,
  syncStatusSchema,
} from './views.ts';
import {
  galleryItemSchema,
  mediaRefSchema,
  mediaSettingsSchema,
  sendLimitsSchema,
  storageUsageSchema,
  transferViewSchema,
} from './media-views.ts';

const address = z.string().trim().min(1).max(300);
const inConversation = z.object({ conversation: conversationIdSchema });
const oneMessage = inConversation.extend({ message: messageIdSchema });
const pageLimit = z.number().int().min(1).max(limits.pageRows).default(50);

const stage = z.string().min(1).max(64);

/** One file to send: where its bytes are, and what the page found out about it. */
const mediaToSend = mediaFactsSchema.extend({
  source: z.discriminatedUnion('from', [
    /** A file on this computer that the person chose. */
    z.object({ from: z.literal('grant'), grant: z.string().min(1).max(64) }),
    /** Bytes that the page made and handed over with `media.stage`: a resized picture, a recording. */
    z.object({ from: z.literal('stage'), stage }),
  ]),
});

/** Where a page of messages begins. `first-unread` falls back to `latest`; orders are those of `MessageView`. */
const anchor = z.discriminatedUnion('at', [
  z.object({ at: z.literal('latest') }),
  z.object({ at: z.literal('first-unread') }),
  z.object({ at: z.literal('older'), than: z.number() }),
  z.object({ at: z.literal('newer'), than: z.number() }),
  z.object({ at: z.literal('message'), message: messageIdSchema }),
]);

export const engineContract = defineContract({
  commands: {
    /** Finds out what answers at an address as typed: with or without scheme and port. Fails with words that fit the cause. */
    'relay.check': { input: z.object({ address }), output: relayViewSchema },

    'session.get': { input: noInput, output: sessionViewSchema },
    'session.register': {
      input: z.object({
        address,
        username: usernameSchema,
        password: passwordSchema,
        displayName: displayNameSchema,
        invite: z.string().trim().min(1).max(128).optional(),
      }),
      output: sessionViewSchema,
    },
    'session.login': {
      input: z.object({
        address,
        username: z.string().trim().min(1).max(256),
        password: z.string().min(1).max(limits.passwordCharacters.max),
      }),
      output: sessionViewSchema,
    },
    /** Ends this device's session; with `erase` the history and outbox kept on this computer go too. */
    'session.logout': { input: z.object({ erase: z.boolean() }), output: nothing },

    'account.update': {
      input: z.object({
        displayName: displayNameSchema.optional(),
        email: emailSchema.nullable().optional(),
        phone: phoneSchema.nullable().optional(),
      }),
      output: accountViewSchema,
    },
    /** Logs all other devices out; with `erase` they erase what they keep of the account when they are next online. */
    'account.change-password': {
      input: z.object({
        current: z.string().max(limits.passwordCharacters.max),
        next: passwordSchema,
        erase: z.boolean(),
      }),
      output: nothing,
    },
    'devices.list': { input: noInput, output: z.array(deviceViewSchema) },
    /** Ends the session of another device for good; it erases what it keeps of the account when it is next online. */
    'devices.revoke': { input: z.object({ device: deviceIdSchema }), output: nothing },
    /** Devices of the account that appeared since the person was last told; see `devices.appeared`. */
    'devices.new': { input: noInput, output: z.array(deviceViewSchema) },
    /** The person saw that these are there. */
    'devices.acknowledge': { input: z.object({ devices: z.array(deviceIdSchema) }), output: nothing },

    'connection.get': { input: noInput, output: connectionViewSchema },
    /** Tries again now instead of waiting for the next try. */
    'connection.retry': { input: noInput, output: nothing },

    /** Exact username first, then usernames and names that begin so; one's own account is left out. */
    'people.search': { input: z.object({ query: z.string().trim().min(1).max(64) }), output: z.array(personSchema) },

    'conversations.start': { input: z.object({ user: userIdSchema }), output: conversationViewSchema },
    /**
     * Pinned ones first, by `pinnedAt`, the latest first; then by `activeAt`, the newest first; then by id. Pass the last
     * row as `after` for the next page.
     */
    'conversations.list': {
      input: z.object({
        after: z
          .object({ pinnedAt: z.number().nullable().default(null), activeAt: z.number(), id: conversationIdSchema })
          .optional(),
        limit: z.number().int().min(1).max(500).default(200),
      }),
      output: z.array(conversationViewSchema),
    },
    'conversations.get': { input: inConversation, output: conversationViewSchema },
    /** Moves the person's read cursor; never back. */
    'conversations.mark-read': { input: inConversation.extend({ seq: seqSchema }), output: nothing },

    /** The conversation with oneself; made when it is first asked for, which needs the relay. */
    'conversations.notes': { input: noInput, output: conversationViewSchema },
    /** On all devices of the account, as are mutes, drafts and notes. */
    'conversations.pin': { input: inConversation.extend({ pinned: z.boolean() }), output: nothing },
    /** @param forMs from now on; null for always. The engine counts in relay time: a page knows this machine's clock only. */
    'conversations.mute': {
      input: inConversation.extend({
        mute: z.object({ forMs: z.number().int().positive().nullable() }).nullable(),
      }),
      output: nothing,
    },
    /** Whether the conversation is the same everywhere, as last known; looks anew when that is older than a minute. */
    'sync.status': { input: inConversation, output: syncStatusSchema },
    /** Looks now, from the first message on. */
    'sync.check': { input: inConversation, output: nothing },

    /** Messages in order, oldest first. History that this device lacks is fetched from the relay if it can be reached. */
    'messages.page': { input: inConversation.extend({ anchor, limit: pageLimit }), output: messagePageSchema },
    /** Resolves once the message is in the outbox, on disk. */
    'messages.send': {
      input: inConversation.extend({
        text: z.string().min(1).max(limits.textCharacters),
        replyTo: messageIdSchema.optional(),
      }),
      output: messageViewSchema,
    },
    /** Changes an own message; on all devices of all members. Resolves once the change is in the outbox, on disk. */
    'messages.edit': {
      input: oneMessage.extend({ text: z.string().max(limits.textCharacters) }),
      output: messageViewSchema,
    },
    /** Takes an own message back, for everybody. */
    'messages.delete': { input: oneMessage, output: messageViewSchema },
    'messages.react': {
      input: oneMessage.extend({ emoji: z.string().min(1).max(limits.reactionCharacters), on: z.boolean() }),
      output: messageViewSchema,
    },
    /** Sends changes to a message again that failed, or gives them up. */
    'messages.retry-change': { input: oneMessage, output: nothing },
    'messages.discard-change': { input: oneMessage, output: nothing },
    'messages.retry': { input: oneMessage, output: nothing },
    /** Takes a waiting or failed message out of the outbox. Fails with `not_found` once it was accepted. */
    'messages.discard': { input: oneMessage, output: nothing },
    /** Full text, newest first; `before` is the `time` of the last hit of the page before. */
    'messages.search': {
      input: z.object({
        query: z.string().trim().min(1).max(200),
        conversation: conversationIdSchema.optional(),
        before: z.number().optional(),
        limit: pageLimit,
      }),
      output: z.array(searchHitSchema),
    },

    /** What may be sent here right now. Never fails because of the network. */
    'media.limits': { input: inConversation, output: sendLimitsSchema },
    /** Takes bytes that the page made, sealed at once: begins without `stage`, goes on with it. Unsent stages go with the engine. */
    'media.stage': {
      input: z.object({
        stage: stage.optional(),
        bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'is not bytes'),
      }),
      output: z.object({ stage }),
    },
    'media.unstage': { input: z.object({ stages: z.array(stage) }), output: nothing },
    /** Resolves once the message is in the outbox, on disk; its files are sealed and sent from then on, whatever happens. */
    'media.send': {
      input: inConversation.extend({
        items: z.array(mediaToSend).min(1).max(limits.mediaItems),
        text: z.string().max(limits.textCharacters),
        replyTo: messageIdSchema.optional(),
      }),
      output: messageViewSchema,
    },
    /** The person wants a file: fetches it, or goes on after a pause, a failure or a cancel. Sends one's own again. */
    'transfers.start': { input: mediaRefSchema, output: nothing },
    'transfers.pause': { input: mediaRefSchema, output: nothing },
    /** Gives up what came so far; one's own file is not offered any more. */
    'transfers.cancel': { input: mediaRefSchema, output: nothing },
    /** All that are under way, wait, or failed, and those done since the engine started; newest first. */
    'transfers.list': { input: noInput, output: z.array(transferViewSchema) },
    /** Takes those that are done, failed or cancelled off the list. */
    'transfers.clear': { input: noInput, output: nothing },
    /** Messages that came on screen: their files are fetched if the rules for it say so. */
    'media.seen': {
      input: inConversation.extend({ messages: z.array(messageIdSchema).max(limits.pageRows) }),
      output: nothing,
    },
    /** Files of a conversation, newest first; `query` looks into names and captions. */
    'media.list': {
      input: inConversation.extend({
        filter: z.enum(['pictures', 'voice', 'files']),
        query: z.string().trim().max(200).default(''),
        before: z.number().optional(),
        limit: pageLimit,
      }),
      output: z.array(galleryItemSchema),
    },
    'media.settings': { input: noInput, output: mediaSettingsSchema },
    'media.set-settings': { input: mediaSettingsSchema.partial(), output: mediaSettingsSchema },
    'storage.usage': { input: noInput, output: storageUsageSchema },
    /**
     * Removes files from this computer that can be had again, of one conversation or (null) of all; messages and
     * thumbnails stay, and so do own files that nobody else has yet. @returns how much was freed.
     */
    'storage.free': {
      input: z.object({ conversation: conversationIdSchema.nullable() }),
      output: z.object({ bytes: z.number(), files: z.number() }),
    },

    'safekeeping.get': { input: noInput, output: safekeepingSchema },
    'safekeeping.set': { input: z.object({ keepCopy: z.boolean() }), output: safekeepingSchema },
    /** The present or last job on all data; null when there was none. */
    'data.job': { input: noInput, output: dataJobSchema.nullable() },
    'data.cancel': { input: noInput, output: nothing },

    /** An empty text takes the draft away. */
    'drafts.set': {
      input: inConversation.extend({ text: z.string().max(limits.textCharacters * 4) }),
      output: nothing,
    },
    /** Tells the others that the person types; call again at most every 3 s while it goes on. */
    'typing.set': { input: inConversation.extend({ typing: z.boolean() }), output: nothing },
    /** Replaces the list of people whose presence the screens want; answers with what is known now. */
    'presence.watch': {
      input: z.object({ users: z.array(userIdSchema).max(limits.watchedUsers) }),
      output: z.array(presenceViewSchema),
    },
  },
  events: {
    'session.changed': sessionViewSchema,
    'connection.changed': connectionViewSchema,
    /** New or changed conversations, at most a few times a second. */
    'conversations.changed': z.array(conversationViewSchema),
    /** New or changed messages of one conversation, in order; `removed` were discarded from the outbox. */
    'messages.changed': inConversation.extend({
      messages: z.array(messageViewSchema),
      removed: z.array(messageIdSchema),
      /** More came in than is worth sending one by one: load the page again. */
      reload: z.boolean(),
    }),
    'sync.changed': syncStatusSchema,
    /** Devices of the account that were not there before: the person is to be warned once. */
    'devices.appeared': z.array(deviceViewSchema),
    'safekeeping.changed': safekeepingSchema,
    'data.job-changed': dataJobSchema,
    /** Transfers that are new, moved or ended, at most a few times a second. */
    'transfers.changed': z.array(transferViewSchema),
    'media.settings-changed': mediaSettingsSchema,
    'presence.changed': z.array(presenceViewSchema),
    /** Who types in a conversation right now. */
    'typing.changed': inConversation.extend({ people: z.array(personSchema) }),
    /** Something is wrong with storing on this computer, or is right again (null). */
    'storage.changed': faultSchema.nullable(),
    /** A thing the person should know once, such as a damaged history that was set aside and is fetched again. */
    notice: faultSchema,
  },
});
export type EngineContract = typeof engineContract;
