import { expect, test } from 'vitest';
import type { Clock } from '../../shared/primitives/clock.ts';
import { readDemoContent } from './demo-content.ts';
import { ScriptedCustomer } from './scripted-customer.ts';

const script = {
  id: 'late',
  customerId: 'customer-01',
  language: 'vi' as const,
  page: 'Trang chủ',
  opening: ['shop ơi', 'đơn của mình đâu'],
  turns: [{ whenSaid: ['kiem tra'], say: ['dạ vâng'], otherwise: ['là sao ạ'] }],
  impatient: ['alo?', 'có ai không'],
  closing: ['cảm ơn'],
};

/** Time that passes only when told to. */
class ManualClock implements Clock {
  #now = 0;
  #tasks: { at: number; task: () => void }[] = [];
  now = (): number => this.#now;
  monotonic = (): number => this.#now;
  after(delayMs: number, task: () => void): () => void {
    const entry = { at: this.#now + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }
  async pass(durationMs: number): Promise<void> {
    const until = this.#now + durationMs;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#tasks.filter((entry) => entry.at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#tasks = this.#tasks.filter((entry) => entry !== next);
      this.#now = next.at;
      next.task();
    }
    this.#now = until;
  }
}

function begin() {
  const clock = new ManualClock();
  const said: string[] = [];
  const line = { send: async (text: string) => void said.push(text), showTyping: () => undefined };
  const random = { bytes: (length: number) => new Uint8Array(length), fraction: () => 0.5 };
  const customer = new ScriptedCustomer(script, line, clock, random);
  void customer.open();
  return { clock, said, customer };
}

test('a customer opens, answers what was said to the point, thanks and is done', async () => {
  const { clock, said, customer } = begin();
  await clock.pass(10_000);
  expect(said).toEqual(['shop ơi', 'đơn của mình đâu']);
  customer.hear('Dạ em KIỂM TRA ngay ạ');
  await clock.pass(10_000);
  expect(said.at(-1)).toBe('dạ vâng');
  customer.hear('Mai mình nhận nhé');
  await clock.pass(10_000);
  expect(said.at(-1)).toBe('cảm ơn');
  await customer.done;
});

test('an answer beside the point gets the other reaction', async () => {
  const { clock, said, customer } = begin();
  await clock.pass(10_000);
  customer.hear('Chào bạn');
  await clock.pass(10_000);
  expect(said.at(-1)).toBe('là sao ạ');
});

test('a customer whom nobody answers grows impatient, ever more slowly, and then falls silent', async () => {
  const { clock, said } = begin();
  await clock.pass(70_000);
  expect(said.slice(2)).toEqual(['alo?']);
  await clock.pass(100_000);
  expect(said.slice(2)).toEqual(['alo?', 'có ai không']);
  await clock.pass(3_600_000);
  expect(said).toHaveLength(4);
});

test('the demo content is whole: every script has its customer, every shortcut is unique', () => {
  const content = readDemoContent();
  const customerIds = new Set(content.customers.map((customer) => customer.id));
  expect(content.scripts.filter((one) => !customerIds.has(one.customerId))).toEqual([]);
  expect(new Set(content.cannedReplies.map((one) => one.shortcut)).size).toBe(content.cannedReplies.length);
  expect(content).toMatchObject({ scripts: { length: 15 }, customers: { length: 30 }, cannedReplies: { length: 20 } });
  expect(new Set(content.agents.map((agent) => agent.role)).size).toBe(5);
});
