/** Rules about what screens show: every device shows what the plain model makes of the relay's log. */
import type { MessageView } from '../../../bridge/views.ts';
import type { UserId } from '../../../protocol/index.ts';
import { isSignedIn, nameOf, type Rule } from './findings.ts';
import type { Shown } from './model.ts';

/** The same messages in the same order, each with the same text and reactions, as edited and as deleted. */
export const viewsAreOfTheLog: Rule = function* (findings) {
  for (const state of findings.devices.filter(isSignedIn)) {
    const self = findings.world.people[state.device.spec.person]?.auditor.user.id;
    for (const [conversation, views] of state.views ?? []) {
      const standing = views.filter(({ state: is }) => is !== 'lost');
      const shown = [...(findings.shown.get(conversation)?.values() ?? [])];
      const where = `${nameOf(state)} in ${conversation}`;
      if (standing.length !== shown.length)
        yield `views: ${where} shows ${standing.length} messages of ${shown.length}`;
      for (const [index, view] of standing.entries()) {
        const expected = shown[index];
        const [is, must] = [pictureOf(view), expected ? pictureOfModel(expected, self) : 'nothing'];
        if (is !== must) yield `views: ${where} shows ${is}, the log says ${must}`;
      }
    }
  }
};

function pictureOf({ id, seq, content, edited, reactions, change }: MessageView): string {
  const text = 'text' in content ? content.text : '';
  const marks = reactions.map(({ emoji, count, own }) => `${emoji}${count}${own ? '*' : ''}`);
  return (
    picture({ id, seq: seq ?? 0, kind: content.kind, text, edited, marks }) + (change ? ` ${change.kind} waits` : '')
  );
}

function pictureOfModel({ id, seq, kind, text, edited, reactions }: Shown, self: UserId | undefined): string {
  const gone = kind === 'deleted';
  const marks = [...reactions]
    .filter(([, people]) => people.size > 0)
    .map(([emoji, people]) => `${emoji}${people.size}${self && people.has(self) ? '*' : ''}`);
  return picture({ id, seq, kind, text: gone ? '' : text, edited: edited && !gone, marks });
}

interface Picture {
  readonly id: string;
  readonly seq: number;
  readonly kind: string;
  readonly text: string;
  readonly edited: boolean;
  readonly marks: readonly string[];
}

function picture({ id, seq, kind, text, edited, marks }: Picture): string {
  const said = kind === 'deleted' ? kind : `${kind} "${text.slice(0, 40)}" (${text.length})${edited ? ' edited' : ''}`;
  return `${seq}: ${id} ${said} ${marks.toSorted().join(' ')}`.trimEnd();
}
