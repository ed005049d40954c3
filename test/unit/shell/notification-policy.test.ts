import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../../bridge/shell-contract.ts';
import { newDeviceNotification, notificationFor } from '../../../main/notification-policy.ts';
import { createId, type ConversationId } from '../../../protocol/index.ts';

const conversation = createId<ConversationId>();
const other = createId<ConversationId>();
const arrival = { conversation, title: 'Ann', text: 'Lunch?' };
const away = { showing: null, focused: false };

describe('notifications', () => {
  it('tell who wrote and what', () => {
    expect(notificationFor(arrival, defaultSettings, away, 1)).toEqual({ title: 'Ann', body: 'Lunch?', silent: false });
  });

  it('count the messages that wait in the same conversation', () => {
    expect(notificationFor(arrival, defaultSettings, away, 3)?.title).toBe('Ann (3)');
  });

  it('tell neither name nor text when they are private', () => {
    const settings = { ...defaultSettings, notifications: 'private' as const };
    for (const waiting of [1, 4]) {
      const words = JSON.stringify(notificationFor(arrival, settings, away, waiting));
      expect(words).not.toMatch(/Ann|Lunch/);
      expect(words).toContain(waiting === 1 ? 'New message' : '4 new messages');
    }
  });

  it('do not appear when they are off', () => {
    expect(notificationFor(arrival, { ...defaultSettings, notifications: 'off' }, away, 1)).toBeNull();
  });

  it('do not appear for the conversation that the person looks at', () => {
    expect(notificationFor(arrival, defaultSettings, { showing: conversation, focused: true }, 1)).toBeNull();
    expect(notificationFor(arrival, defaultSettings, { showing: conversation, focused: false }, 1)).not.toBeNull();
    expect(notificationFor(arrival, defaultSettings, { showing: other, focused: true }, 1)).not.toBeNull();
  });

  it('make no sound when the person wants none', () => {
    const settings = { ...defaultSettings, notificationSound: false };
    expect(notificationFor(arrival, settings, away, 1)?.silent).toBe(true);
  });

  it('cut long texts between characters', () => {
    const body = notificationFor({ ...arrival, text: '👍'.repeat(500) }, defaultSettings, away, 1)?.body ?? '';
    expect([...body]).toHaveLength(240);
    expect(body.endsWith('👍…')).toBe(true);
  });
});

describe('the warning of a new device', () => {
  const warning = (more: Partial<typeof defaultSettings>, focused = false) =>
    newDeviceNotification(['old laptop', 'phone'], { ...defaultSettings, ...more }, { focused });

  it('names the devices and what to do', () => {
    expect(warning({})).toEqual({
      title: 'New devices logged in to your account',
      body: 'old laptop, phone. If that was not you, open Parley and log it out.',
      silent: false,
    });
  });

  it('names none when notifications are private, and there is none when they are off or the window tells it', () => {
    expect(warning({ notifications: 'private' })?.body).toBe('If that was not you, open Parley and log it out.');
    expect(warning({ notifications: 'off' })).toBeNull();
    expect(warning({}, true)).toBeNull();
  });
});
