import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { findCommand } from '../../shared/domain/registry.ts';
import { TEST_KEYS, makeFolder } from '../../tests/fakes/console-process.ts';
import { putAgent, putQueue, receive } from '../../tests/fakes/desk-writes.ts';
import type { HubRig } from '../../tests/fakes/hub-rig.ts';
import { LinkedCore } from '../../tests/fakes/linked-core.ts';
import { useLinkedCores } from '../../tests/fakes/linked-cores.ts';
import { openEncryptedDatabase } from './encrypted-database.ts';
import { outboxMigrations } from './outbox/outbox-migrations.ts';

/**
 * Outbox files as each release left them on a console that was offline: a settled command, six conversations' worth of
 * waiting ones, a refused reply with the close it blocks, a draft. One is added with every release, none is ever changed.
 */
const FOLDER = new URL('../../tests/fixtures/outboxes/', import.meta.url);
const releases = fs.readdirSync(FOLDER).map((name) => path.basename(name, '.json'));

const fixtureSchema = z.object({
  userVersion: z.number().int(),
  tables: z.record(z.string(), z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])))),
});
type Fixture = z.infer<typeof fixtureSchema>;

const cores = useLinkedCores();

function readFixture(release: string): Fixture {
  return fixtureSchema.parse(JSON.parse(fs.readFileSync(new URL(`${release}.json`, FOLDER), 'utf8')));
}

/** The world in which the fixtures were made, as it was when the console went offline. */
async function openWorld(): Promise<HubRig> {
  const rig = await cores.openRig([]);
  await putQueue(rig, 'returns');
  await putAgent(rig, 'lan', { name: 'Lan', role: 'lead', queueIds: ['sales', 'returns'] });
  const say = (id: string, text: string) => receive(rig, { text, customerId: `of-${id}`, newConversationId: id });
  for (const id of ['c1', 'c2', 'c3', 'c4', 'c5']) await say(id, 'alo');
  await say('c5', 'còn đó không?');
  return rig;
}

/** A console folder whose outbox is the one of the fixture. */
async function installFixture(rig: HubRig, fixture: Fixture): Promise<string> {
  const dataDir = makeFolder('liendesk-released-');
  const first = await LinkedCore.open(rig, 'lan', { dataDir });
  await first.close();
  const accounts = path.join(dataDir, 'accounts');
  const folder = path.join(accounts, fs.readdirSync(accounts)[0]!);
  for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name), { recursive: true });
  const database = openEncryptedDatabase(path.join(folder, 'outbox.db'), TEST_KEYS.outbox, 'write');
  for (const step of outboxMigrations.slice(0, fixture.userVersion)) database.exec(step);
  database.pragma(`user_version = ${fixture.userVersion}`);
  for (const [table, rows] of Object.entries(fixture.tables)) {
    for (const row of rows) {
      const columns = Object.keys(row);
      const places = columns.map(() => '?').join(', ');
      const names = columns.map((column) => `"${column}"`).join(', ');
      database.prepare(`INSERT INTO "${table}" (${names}) VALUES (${places})`).run(...Object.values(row));
    }
  }
  database.close();
  return dataDir;
}

const idsWhere = (fixture: Fixture, table: string, state: string | null): unknown[] =>
  fixture.tables[table]!.filter((row) => state === null || row['state'] === state).map(
    (row) => row['id'] ?? row['commandId'],
  );

test.each(releases)(
  'SYNC-P1 what release %s left unsent goes out, once and in order; what it kept is kept',
  async (release) => {
    const fixture = readFixture(release);
    const rig = await openWorld();
    const dataDir = await installFixture(rig, fixture);
    const core = await LinkedCore.open(rig, 'lan', { dataDir });
    cores.atEnd(() => core.close());
    await core.pass(30_000);
    expect(core.mistakes).toEqual([]);

    const all = (await rig.eventLog.readEvents(0, 1000)).filter(({ actor }) => actor === 'agent:lan');
    const drafts = all.filter(({ changes }) => changes.some(({ type }) => type === 'draft-written'));
    expect(drafts.flatMap(({ changes }) => changes)).toMatchObject([{ data: { text: 'nháp dở' } }]);
    const own = all.filter((event) => !drafts.includes(event));
    const waiting = fixture.tables['command']!.filter(({ state }) => state === 'waiting');
    expect(own.map(({ commandId }) => commandId).toSorted()).toEqual(waiting.map(({ id }) => id).toSorted());
    for (const subject of ['c1', 'c2', 'c3', 'c4'].map((id) => `conversation:${id}` as const)) {
      const issued = waiting.filter(({ subjects }) => (JSON.parse(String(subjects)) as string[]).includes(subject));
      const done = own.filter(({ changes }) => changes.some((change) => change.subject === subject));
      expect(done.map(({ commandId }) => commandId)).toEqual(issued.map(({ id }) => id));
    }
    const texts = own.flatMap(({ changes }) => changes.flatMap(({ data }) => (data as { text?: string }).text ?? []));
    expect(texts.toSorted()).toEqual(['trả lời đang chờ', 'ghi chú đang chờ', 'tạm biệt'].toSorted());

    const { items } = await core.request('attention.list');
    expect(items.map(({ commandId, text }) => [commandId, text])).toEqual(
      idsWhere(fixture, 'attention', null).map((id) => [id, 'bị từ chối']),
    );
    expect(items[0]!.blocked.map(({ commandId }) => commandId)).toEqual(idsWhere(fixture, 'command', 'blocked'));
    expect((await core.request('draft.get', { conversationId: 'c3' })).reply?.text).toBe('nháp dở');
    expect((await core.request('setting.get', { key: 'ui.tabs' })).value).toEqual(['c1', 'c3']);

    // And the agent can still decide about what was refused: the reply goes out, then the close that waited for it.
    await core.request('attention.resolve', { commandId: items[0]!.commandId, action: 'send-anyway' });
    await core.pass(5000);
    const { messages } = await core.request('message.list', { conversationId: 'c5' });
    expect(messages.filter(({ kind }) => kind === 'public').map(({ text }) => text)).toEqual([
      'alo',
      'còn đó không?',
      'bị từ chối',
    ]);
    expect(await core.request('sync.status')).toMatchObject({ pendingCount: 0, attentionCount: 0 });
  },
);

test('SYNC-P1 a command that changed since it was written is raised where it is decided, and only there', async () => {
  const rig = await openWorld();
  const core = await LinkedCore.open(rig, 'lan', {});
  await core.pass(1000);
  core.cut();
  const { commandId } = await core.request('note.add', { conversationId: 'c1', text: 'của bản cũ' });
  const spec = findCommand('note.add')! as {
    -readonly [Key in keyof NonNullable<ReturnType<typeof findCommand>>]: unknown;
  };
  const released = { ...spec };
  try {
    // As the next release might have it: the text has moved into `body`.
    const { decide, args } = released as NonNullable<ReturnType<typeof findCommand>>;
    const toOld = ({ body, ...rest }: { body: { text: string } }) => ({ ...rest, text: body.text });
    spec.v = 2;
    spec.args = z.looseObject({ body: z.object({ text: z.string() }) });
    spec.upcast = {
      1: ({ args: { text, ...rest }, base }: { args: { text: string }; base: unknown }) => ({
        args: { ...rest, body: { text } },
        base,
      }),
    };
    spec.decide = (context: Parameters<typeof decide>[0], raised: never, base: unknown) =>
      decide(context, args.parse(toOld(raised)), base);
    const next = await cores.kill(core);
    // What waits is shown, by the new rules, before it is sent.
    const shown = async () =>
      (await next.request('message.list', { conversationId: 'c1' })).messages.map(({ text }) => text);
    next.cut();
    expect(await shown()).toContain('của bản cũ');
    next.reconnect();
    await next.pass(40_000);
    expect(await shown()).toContain('của bản cũ');
    const sent = next.said.flatMap(({ name, message }) => (name === 'submit' ? message.submissions : []));
    // As it was written: the relay knows a repetition by its content.
    expect(sent.map(({ command }) => [command.id, command.v])).toEqual([[commandId, 1]]);
    expect((sent[0]!.command.args as { text: string }).text).toBe('của bản cũ');
    expect(await next.request('sync.status')).toMatchObject({ pendingCount: 0, attentionCount: 0 });
  } finally {
    Object.assign(spec, released);
    delete spec.upcast;
  }
});
