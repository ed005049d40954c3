import { beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultSettings } from '../../../bridge/shell-contract.ts';
import { createNotifications } from '../../../main/notifications.ts';
import { createId, type ConversationId } from '../../../protocol/index.ts';
import { createLogStub } from './log-stub.ts';

const system = vi.hoisted(() => ({ supported: true, failing: false, shown: [] as FakeNotification[] }));

/** The system's notification area: what is shown, and a hand to click it. */
interface FakeNotification {
  title: string;
  body: string;
  click(): void;
}

vi.mock('electron', async () => {
  const { EventEmitter } = await import('node:events');
  class Notification extends EventEmitter implements FakeNotification {
    static isSupported = (): boolean => system.supported;
    readonly title: string;
    readonly body: string;
    constructor({ title, body }: { title: string; body: string }) {
      super();
      this.title = title;
      this.body = body;
    }
    show(): void {
      if (system.failing) throw new Error('no service');
      system.shown.push(this);
    }
    close(): void {
      system.shown = system.shown.filter((other) => other !== this);
    }
    click(): void {
      this.emit('click');
    }
  }
  return { Notification };
});

const ann = createId<ConversationId>();
const bob = createId<ConversationId>();
const opened: ConversationId[] = [];
const onShow = vi.fn();

function create(platform: NodeJS.Platform = 'darwin') {
  return createNotifications({
    settings: { get: () => defaultSettings, set: () => defaultSettings, onChange: () => () => true },
    icon: 'icon.png',
    platform,
    log: createLogStub(),
    onScreen: () => ({ showing: null, focused: false }),
    onOpen: (conversation) => opened.push(conversation),
    onShow,
  });
}

const titles = (): string[] => system.shown.map(({ title, body }) => `${title}: ${body}`);

beforeEach(() => {
  Object.assign(system, { supported: true, failing: false, shown: [] });
  opened.length = 0;
  onShow.mockClear();
});

describe('the system’s notifications', () => {
  it('are one a conversation, the newest message in place of the older', () => {
    const notifications = create();
    notifications.handleArrival({ conversation: ann, title: 'Ann', text: 'Hi' });
    notifications.handleArrival({ conversation: bob, title: 'Bob', text: 'Yo' });
    notifications.handleArrival({ conversation: ann, title: 'Ann', text: 'Lunch?' });
    expect(titles()).toEqual(['Bob: Yo', 'Ann (2): Lunch?']);
  });

  it('warn of new devices, once at a time, and bring up the window when clicked', () => {
    const notifications = create();
    notifications.handleNewDevices(['old laptop']);
    notifications.handleNewDevices(['old laptop', 'phone']);
    expect(system.shown.map(({ title }) => title)).toEqual(['New devices logged in to your account']);
    notifications.handleUnread(0);
    system.shown[0]?.click();
    expect(onShow).toHaveBeenCalledOnce();
    expect(system.shown).toEqual([]);
  });

  it('go away when the conversation was read, and count anew afterwards', () => {
    const notifications = create();
    notifications.handleArrival({ conversation: ann, title: 'Ann', text: 'Hi' });
    notifications.handleRead(ann);
    notifications.handleRead(bob);
    expect(titles()).toEqual([]);
    notifications.handleArrival({ conversation: ann, title: 'Ann', text: 'Still there?' });
    expect(titles()).toEqual(['Ann: Still there?']);
  });

  it('all go once nothing is unread any more, as after logging out', () => {
    const notifications = create();
    notifications.handleArrival({ conversation: ann, title: 'Ann', text: 'Hi' });
    notifications.handleArrival({ conversation: bob, title: 'Bob', text: 'Yo' });
    notifications.handleUnread(2);
    expect(titles()).toHaveLength(2);
    notifications.handleUnread(0);
    expect(titles()).toEqual([]);
  });

  it('open the conversation they tell of', () => {
    const notifications = create();
    notifications.handleArrival({ conversation: ann, title: 'Ann', text: 'Hi' });
    notifications.handleArrival({ conversation: bob, title: 'Bob', text: 'Yo' });
    system.shown[0]?.click();
    expect(opened).toEqual([ann]);
    expect(titles()).toEqual(['Bob: Yo']);
  });

  it('show on Linux, whose services read markup, what was written as it was written', () => {
    const arrival = {
      conversation: ann,
      title: 'Ann & Co',
      text: '<b>1 < 2</b> & <a href="https://example.org">x</a>',
    };
    create('linux').handleArrival(arrival);
    expect(titles()).toEqual([
      'Ann & Co: &lt;b&gt;1 &lt; 2&lt;/b&gt; &amp; &lt;a href="https://example.org"&gt;x&lt;/a&gt;',
    ]);
    create('win32').handleArrival(arrival);
    expect(titles().at(-1)).toBe(`Ann & Co: ${arrival.text}`);
  });

  it('are left out where the system has none, and their failure stops nothing', () => {
    system.supported = false;
    create().handleArrival({ conversation: ann, title: 'Ann', text: 'Hi' });
    expect(titles()).toEqual([]);
    Object.assign(system, { supported: true, failing: true });
    expect(() => create().handleArrival({ conversation: ann, title: 'Ann', text: 'Hi' })).not.toThrow();
  });
});
