import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { FromCoreFrame } from '../../shared/core-api/port.ts';
import { until } from '../fakes/console-process.ts';
import { makeId, startRelay } from '../fakes/start-relay.ts';

const MESSAGES = 40;
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A headless console as a script sees it: it may be gone at any moment. */
class Headless {
  readonly child: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #waiting = new Map<number, (frame: FromCoreFrame) => void>();
  #nextId = 1;
  #rest = '';

  constructor(options: readonly string[]) {
    const entry = path.join(import.meta.dirname, '..', '..', 'src-main', 'host-headless', 'main.ts');
    this.child = spawn(process.execPath, [entry, ...options], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#exit = once(this.child, 'exit');
    this.child.stdin!.on('error', () => undefined);
    this.child.stdout!.setEncoding('utf8');
    this.child.stdout!.on('data', (chunk: string) => {
      const lines = (this.#rest + chunk).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) {
        const frame = JSON.parse(line) as FromCoreFrame;
        if ('id' in frame) this.#waiting.get(frame.id)?.(frame);
      }
    });
  }

  /** @returns null when the console died before it answered */
  async request<Output>(request: string, input: object = {}): Promise<Output | null> {
    this.#nextId += 1;
    const id = this.#nextId;
    const answered = new Promise<FromCoreFrame>((resolve) => this.#waiting.set(id, resolve));
    this.child.stdin!.write(`${JSON.stringify({ id, request, input })}\n`);
    const frame = await Promise.race([answered, this.#exit.then(() => null)]);
    if (frame === null || !('ok' in frame)) return null;
    if (!frame.ok) throw new Error(frame.error.message);
    return frame.output as Output;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exit;
  }
}

test('INV-3 INV-10 kill −9 of a console again and again: every text that was taken arrives once, in order', async () => {
  const relay = await startRelay();
  cleanUps.push(() => relay.stop());
  await relay.putQueue('sales');
  await relay.putChannel('web', 'sales');
  const agent = await relay.addAgent('lan', { queueIds: ['sales'] });
  const conversations: string[] = [];
  for (const customerId of ['an', 'binh', 'chi']) {
    conversations.push((await relay.receive({ channelId: 'web', customerId, text: 'alo' })).conversationId);
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'liendesk-kill-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, agent.password, { mode: 0o600 });
  const options = ['--relay', relay.url, '--email', agent.email, '--password-file', passwordFile, '--data-dir', folder];

  let console = new Headless(options);
  cleanUps.push(() => console.kill());
  const isReady = () =>
    until('the console shows its conversations', async () => {
      const list = await console
        .request<{ total: number }>('conversation.list', { filter: { view: 'open' } })
        .catch(() => null);
      return list?.total === 3;
    });
  await isReady();
  for (let number = 0; number < MESSAGES; number += 1) {
    const conversationId = conversations[number % 3]!;
    // The ids are the client's own: whether the first try was taken is not known when the console dies, so it asks again.
    const ids = { commandId: makeId(), messageId: makeId() };
    if (number % 8 === 7) setTimeout(() => console.child.kill('SIGKILL'), number % 3);
    for (;;) {
      const taken = await console.request('message.send', { conversationId, text: `tin ${number}`, ...ids });
      if (taken !== null) break;
      await console.kill();
      console = new Headless(options);
      await isReady();
    }
  }
  await console.kill();
  console = new Headless(options);
  await until(
    'nothing waits any more',
    async () => (await console.request<{ entries: unknown[] }>('outbox.list').catch(() => null))?.entries.length === 0,
  );

  const events = await relay.eventLog.readEvents(0, 10_000);
  const sent = events.flatMap(({ changes }) => changes).filter(({ type }) => type === 'message-sent');
  for (const [index, conversationId] of conversations.entries()) {
    const texts = sent
      .filter(({ subject }) => subject === `conversation:${conversationId}`)
      .map(({ data }) => (data as { text: string }).text);
    const expected = Array.from({ length: MESSAGES }, (_, number) => number).filter((number) => number % 3 === index);
    expect(texts).toEqual(expected.map((number) => `tin ${number}`));
  }
  const attention = await console.request<{ items: unknown[] }>('attention.list');
  expect(attention?.items).toEqual([]);
});
