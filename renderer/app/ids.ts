/** The kinds of id that screens pass around, taken from the views so that screens need no contract but the bridge. */
import type { ConversationView, DeviceView, MessageView, PersonView } from '../../bridge/views.ts';

export type ConversationId = ConversationView['id'];
export type MessageId = MessageView['id'];
export type UserId = PersonView['id'];
export type DeviceId = DeviceView['id'];
