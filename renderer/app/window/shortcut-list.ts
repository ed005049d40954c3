/** All keys that do something, in words, for whoever wants to learn them. */
import { keyWords } from './shortcuts.ts';

export interface KeyLine {
  readonly what: string;
  /** Each is a way of its own; what is pressed together is joined by "+". */
  readonly keys: readonly string[];
}

export interface KeyGroup {
  readonly name: string;
  readonly lines: readonly KeyLine[];
}

interface Options {
  readonly mac: boolean;
  readonly enterSends: boolean;
}

/** As the keys are written on this system and work with this person's settings. */
export function shortcutList({ mac, enterSends }: Options): readonly KeyGroup[] {
  const command = (key: string): string => keyWords(key, mac);
  const alt = (key: string): string => (mac ? `⌥${key}` : `Alt+${key}`);
  const [plain, held] = ['Enter', command('Enter')];
  return [
    {
      name: 'Anywhere',
      lines: [
        { what: 'Search people, conversations and messages', keys: [command('K')] },
        { what: 'Search in the open conversation', keys: [command('F')] },
        { what: 'Conversation above or below', keys: [alt('↑'), alt('↓')] },
        { what: 'One of the first nine conversations', keys: [`${command('1')} to ${command('9')}`] },
        { what: 'Transfers', keys: [command('J')] },
        { what: 'Settings', keys: [command(',')] },
        { what: 'These keys', keys: [command('/')] },
        { what: 'Close what is open', keys: ['Esc'] },
      ],
    },
    {
      name: 'Writing',
      lines: [
        { what: 'Send', keys: [enterSends ? plain : held] },
        { what: 'New line', keys: [enterSends ? 'Shift+Enter' : plain] },
        { what: 'Edit your last message', keys: ['↑ in an empty field'] },
      ],
    },
    {
      name: 'Messages',
      lines: [
        { what: 'From message to message', keys: ['↑', '↓'] },
        { what: 'First or last message shown', keys: ['Home', 'End'] },
        { what: 'What can be done with it', keys: ['Enter'] },
      ],
    },
  ];
}
