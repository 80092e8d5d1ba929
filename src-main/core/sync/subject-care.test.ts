import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cacheKeyIn } from '../../../tests/fakes/console-process.ts';
import { receive as receiveMessage } from '../../../tests/fakes/desk-writes.ts';
import type { HubRig } from '../../../tests/fakes/hub-rig.ts';
import type { LinkedCore } from '../../../tests/fakes/linked-core.ts';
import { useLinkedCores } from '../../../tests/fakes/linked-cores.ts';
import { openEncryptedDatabase } from '../encrypted-database.ts';

const { openRig, openCore } = useLinkedCores();

async function receive(rig: HubRig, id: string, text: string): Promise<void> {
  await receiveMessage(rig, { text, customerId: `of-${id}`, newConversationId: id });
}

/** Changes what lies in the cache, behind the back of the console that has it open. */
function damage(core: LinkedCore, sql: string, ...parameters: unknown[]): void {
  const accounts = path.join(core.dataDir, 'accounts');
  const file = path.join(accounts, fs.readdirSync(accounts)[0]!, 'cache.db');
  const database = openEncryptedDatabase(file, cacheKeyIn(path.dirname(file)), 'write');
  expect(database.prepare(sql).run(...parameters).changes).toBe(1);
  database.close();
}

const damageText = (core: LinkedCore, from: string, to: string): void =>
  damage(core, "UPDATE message SET row = replace(row, ?, ?) WHERE row LIKE '%' || ? || '%'", from, to, from);

const wantsOf = (core: LinkedCore) =>
  core.said.flatMap(({ name, message }) => (name === 'want' ? [message.subject as string] : []));

async function textsOf(core: LinkedCore, conversationId: string): Promise<string[]> {
  const { messages } = await core.request('message.list', { conversationId });
  return messages.filter(({ kind }) => kind === 'public').map(({ text }) => text);
}

test('SYNC-D4 rows that went bad are noticed by what the relay says of them, and fetched again', async () => {
  const rig = await openRig();
  for (const id of ['k1', 'k2', 'k3']) {
    for (let index = 0; index < 5; index += 1) await receive(rig, id, `${id} câu ${index}`);
  }
  const core = await openCore(rig);
  await core.pass(45_000);
  expect(core.heard.filter(({ name }) => name === 'digests').length).toBeGreaterThan(0);
  expect(wantsOf(core)).toEqual([]);

  damageText(core, 'k2 câu 3', 'k2 cXu 3');
  expect(await textsOf(core, 'k2')).toContain('k2 cXu 3');
  await core.pass(25_000);
  expect(wantsOf(core)).toEqual(['conversation:k2']);
  expect(await textsOf(core, 'k2')).toEqual([0, 1, 2, 3, 4].map((index) => `k2 câu ${index}`));

  // The same for a conversation's own row, of which the writer keeps a copy in memory.
  damage(
    core,
    'UPDATE conversation SET row = replace(row, \'"state":"open"\', \'"state":"closed"\') WHERE id = \'k3\'',
  );
  await core.pass(25_000);
  expect(wantsOf(core)).toEqual(['conversation:k2', 'conversation:k3']);
  expect((await core.request('conversation.get', { conversationId: 'k3' })).state).toBe('open');
  await receive(rig, 'k3', 'và nữa');
  await core.pass(45_000);
  expect(wantsOf(core)).toHaveLength(2);
  expect(await textsOf(core, 'k3')).toContain('và nữa');
});

test('SYNC-D4 what keeps going bad is fetched three times an hour and no more', async () => {
  const rig = await openRig();
  await receive(rig, 'k1', 'câu một');
  const core = await openCore(rig);
  for (let times = 0; times < 6; times += 1) {
    if ((await textsOf(core, 'k1')).includes('câu một')) damageText(core, 'câu một', 'cXu một');
    await core.pass(45_000);
  }
  expect(wantsOf(core)).toHaveLength(3);
  await core.pass(60 * 60_000);
  expect(await textsOf(core, 'k1')).toEqual(['câu một']);
});

test('SYNC-D4 what a console holds more or less of, or is not as far with, is not taken for damage', async () => {
  const rig = await openRig();
  for (let index = 0; index < 45; index += 1) await receive(rig, 'k1', `câu ${index}`);
  const core = await openCore(rig);
  await core.pass(45_000);
  // More than the relay looks at, by older messages and by newer ones.
  const { messages } = await core.request('message.list', { conversationId: 'k1', limit: 200 });
  await core.request('message.list', { conversationId: 'k1', before: messages[0]!.position, limit: 5 });
  for (let index = 0; index < 8; index += 1) {
    await receive(rig, 'k1', `mới ${index}`);
    await core.pass(7000);
  }
  expect(core.heard.filter(({ name }) => name === 'digests').length).toBeGreaterThan(3);
  expect(wantsOf(core).filter((subject) => subject !== 'conversation:k1')).toEqual([]);
  const whole = core.said.flatMap(({ name, message }) => (name === 'want' && message.before === null ? [message] : []));
  expect(whole).toEqual([]);
});
