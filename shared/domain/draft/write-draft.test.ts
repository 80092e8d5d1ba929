import { beforeEach, expect, test } from 'vitest';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';
import { accessOf } from '../agent/agent.ts';
import type { Attachment } from '../conversation/message.ts';
import { draftKind } from './draft-kind.ts';
import { type SharedDraft, draftRef } from './draft.ts';
import { fc } from '../../../tests/fakes/properties.ts';

const PLACE = { conversationId: 'k1', agentId: 'lan', kind: 'reply' as const };

let world: DomainWorld;

beforeEach(() => {
  world = deskWithConversation();
});

function deskWithConversation(): DomainWorld {
  const made = DomainWorld.withDesk();
  const identity = { channelId: 'web', externalId: 'hoa', isVerified: false };
  const customer = { id: 'hoa', identity, profile: { name: 'Hoa' } };
  const ids = { conversationId: null, newConversationId: 'k1', messageId: 'm1' };
  made.must('message.receive', { channelId: 'web', customer, ...ids, text: 'alo', writtenAt: 0 }, { by: webChat });
  return made;
}

function write(
  text: string,
  continues: string | null,
  rest: { by?: string; commandId?: string; files?: string[] } = {},
) {
  const { files = [], ...options } = rest;
  return world.run('draft.write', { ...PLACE, text, continues, attachments: files.map(file) }, options);
}

const file = (name: string): Attachment => ({
  ...{ name, mediaType: 'text/plain', size: 1 },
  fileId: name.padEnd(64, '0'),
});

const draft = () => world.reader<SharedDraft>(draftRef(PLACE)).root();
const names = () => draft()?.attachments.map(({ name }) => name);

test('SYNC-O1 a draft goes on from version to version, and a cleared one is gone', () => {
  write('Chào', null, { commandId: 'c1' });
  expect(draft()).toMatchObject({ ...PLACE, text: 'Chào', version: 'c1', joined: null, writtenAt: world.now });
  write('Chào chị', 'c1', { commandId: 'c2', files: ['a'] });
  expect(draft()).toMatchObject({ text: 'Chào chị', version: 'c2' });
  expect(names()).toEqual(['a']);
  write('', 'c2');
  expect(draft()).toBeNull();
  expect(write('', 'c2')).toEqual({ ok: true, changes: [] });
});

test('INV-10 what two machines wrote without knowing of each other is joined, also for who goes on unknowingly', () => {
  write('từ máy ở quầy', null, { commandId: 'a1', files: ['a'] });
  write('từ máy ở nhà', null, { commandId: 'b1', files: ['b'] });
  expect(draft()).toMatchObject({ text: 'từ máy ở quầy\ntừ máy ở nhà', version: 'b1+' });
  expect(names()).toEqual(['a', 'b']);
  // The second had typed on before it heard of that.
  write('từ máy ở nhà, tiếp', 'b1', { commandId: 'b2' });
  expect(draft()).toMatchObject({ text: 'từ máy ở quầy\ntừ máy ở nhà, tiếp', version: 'b2+' });
  expect(names()).toEqual(['a']);
  // It sent its own part, and the other one's stays.
  write('', 'b2', { commandId: 'b3' });
  expect(draft()).toMatchObject({ text: 'từ máy ở quầy', version: 'b3', joined: null });
  // Who has seen all of it may do with it as they like.
  write('xong', 'b3', { commandId: 'a2' });
  expect(draft()).toMatchObject({ text: 'xong', version: 'a2', joined: null });
});

test('INV-10 clearing clears only what was seen', () => {
  write('một', null, { commandId: 'a1' });
  write('một hai', 'a1', { commandId: 'b1' });
  expect(write('', 'a1')).toEqual({ ok: true, changes: [] });
  expect(draft()).toMatchObject({ text: 'một hai', version: 'b1' });
});

test('SYNC-O1 what one text has of the other is not said twice', () => {
  write('Chào', null, { commandId: 'a1' });
  write('Chào chị', null, { commandId: 'b1' });
  expect(draft()).toMatchObject({ text: 'Chào chị', version: 'b1', joined: null });
  write('chị', null, { commandId: 'a2' });
  expect(draft()).toMatchObject({ text: 'Chào chị', version: 'a2+' });
});

test('SYNC-U1 a draft is its agent’s alone, whatever the others’ roles', () => {
  write('riêng', null);
  const isVisible = (id: string) => draftKind.isVisible(accessOf(world.agent(id)), draft()!);
  expect(['lan', 'minh', 'linh', 'quan', 'chu'].filter(isVisible)).toEqual(['lan']);
  expect(write('của người khác', null, { by: 'minh' })).toBe('forbidden/draft-of-another');
  expect(write('của người khác', null, { by: 'chu' })).toBe('forbidden/draft-of-another');
});

test('SYNC-O1 a draft is refused where a message would be: too long, too many files, or not one’s to see', () => {
  expect(write('x'.repeat(32 * 1024 + 1), null)).toBe('too_large/text-too-long');
  write('a'.repeat(20 * 1024), null, { commandId: 'a1', files: ['1', '2', '3', '4', '5', '6'] });
  // Together they are too long: each stays where it was written.
  expect(write('b'.repeat(20 * 1024), null)).toBe('too_large/text-too-long');
  expect(write('b', null, { files: ['7', '8', '9', '10', '11', '12'] })).toBe('too_large/too-many-files');
  world.putAgent('lan', 'agent', []);
  expect(write('nữa', 'a1')).toBe('forbidden/conversation-not-visible');
  // Taking it away is always allowed.
  write('', 'a1');
  expect(draft()).toBeNull();
});

/** One machine, as the console does it: it shows what is shared only where it has nothing of its own. */
class Machine {
  text = '';
  version: string | null = null;
  isOwn = false;
  readonly lane: { text: string; continues: string | null; commandId: string }[] = [];

  type(token: string): void {
    this.text += `${token} `;
    this.isOwn = true;
  }

  give(commandId: string): void {
    if (!this.isOwn) return;
    this.lane.push({ text: this.text, continues: this.version, commandId });
    this.version = commandId;
    this.isOwn = false;
  }

  arrive(): void {
    const next = this.lane.shift();
    if (next !== undefined) write(next.text, next.continues, { commandId: next.commandId });
  }

  see(): void {
    const row = draft();
    if (this.isOwn || this.lane.length > 0 || row === null) return;
    this.text = row.text;
    this.version = row.version;
  }
}

test('INV-10 whatever two machines do in whatever order: nothing typed is lost, and both end with the same', () => {
  const step = fc.record({ who: fc.constantFrom(0, 1), does: fc.constantFrom('type', 'give', 'arrive', 'see') });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 24 }), (steps) => {
      world = deskWithConversation();
      const machines = [new Machine(), new Machine()];
      const tokens: string[] = [];
      const doIt = ({ who, does }: { who: number; does: string }, index: number): void => {
        const machine = machines[who]!;
        if (does === 'type') machine.type(tokens[tokens.push(`<${tokens.length}>`) - 1]!);
        else if (does === 'give') machine.give(`c${index}`);
        else if (does === 'arrive') machine.arrive();
        else machine.see();
      };
      steps.forEach(doIt);
      machines.forEach((machine, who) => machine.give(`last${who}`));
      for (const machine of machines) while (machine.lane.length > 0) machine.arrive();
      for (const machine of machines) machine.see();
      expect(machines[0]!.text).toBe(machines[1]!.text);
      for (const token of tokens) expect(machines[0]!.text).toContain(token);
    }),
    { numRuns: 2000 },
  );
});
