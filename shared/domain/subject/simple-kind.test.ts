import { beforeEach, expect, test } from 'vitest';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';
import type { Customer } from '../customer/customer.ts';

let world: DomainWorld;
beforeEach(() => {
  world = DomainWorld.withDesk();
});

const fields = (title: string, shortcut = 'hi') => ({ shortcut, title, texts: { vi: 'Chào ạ' }, queueIds: [] });
const put = (title: string, options: { by?: string; base?: unknown } = {}) =>
  world.run('canned-reply.put', { id: 'hi', fields: fields(title) }, { by: 'linh', ...options });
const root = () => world.reader<{ title: string } & Customer>('canned-reply:hi').root();

test('what is put again is replaced whole, and stays as old as it was', () => {
  put('one');
  const born = root()!.bornSeq;
  put('two');
  expect(root()).toMatchObject({ title: 'two', bornSeq: born, asOf: world.seq });
});

test('SYNC §1.5 a base that no longer fits is a conflict, or gone', () => {
  put('one');
  const base = { asOf: root()!.asOf };
  expect(put('two', { base })).not.toBeTypeOf('string');
  expect(put('three', { base })).toBe('conflict/changed-meanwhile');
  world.must('canned-reply.delete', { id: 'hi' }, { by: 'linh' });
  expect(put('four', { base })).toBe('gone/deleted');
  expect(world.run('canned-reply.delete', { id: 'hi' }, { by: 'linh' })).toBe('gone/deleted');
  expect(put('five')).not.toBeTypeOf('string');
});

test.each([
  ['canned-reply', 'linh', true],
  ['canned-reply', 'lan', false],
  ['queue', 'linh', false],
  ['queue', 'chu', true],
  ['agent', 'quan', false],
])('%s may be changed by %s: %s', (kind, by, mayWrite) => {
  const id = { 'canned-reply': 'hi', queue: 'sales', agent: 'lan' }[kind]!;
  put('one');
  const { id: _id, asOf: _asOf, bornSeq: _born, ...present } = world.reader(`${kind}:${id}`).root()!;
  const outcome = world.run(`${kind}.put`, { id, fields: present }, { by });
  expect(typeof outcome === 'string' ? outcome : true).toBe(mayWrite || 'forbidden/admin-only');
});

test('channels write no settings', () => {
  expect(world.run('queue.delete', { id: 'sales' }, { by: webChat })).toBe('forbidden/admin-only');
});

test.each([['a b'], [''], ['x'.repeat(41)], ['<b>']])('the shortcut %j is malformed', (shortcut) => {
  const args = { id: 'hi', fields: fields('one', shortcut) };
  expect(world.run('canned-reply.put', args, { by: 'chu' })).toBe('invalid/malformed-command');
});

test('customer fields are last-writer, and the fact keeps what was there, for undo', () => {
  world.must('customer.import', { customerId: 'mai', profile: { name: 'Mai', phone: '0901' } }, { by: 'chu' });
  const [change] = world.must('customer.update', { customerId: 'mai', profile: { phone: ' 0902\n' } });
  expect(change?.data).toEqual({ profile: { phone: '0902' }, previous: { phone: '0901' } });
  world.must('customer.update', { customerId: 'mai', profile: { name: null } });
  expect(world.reader<Customer>('customer:mai').root()).toMatchObject({ name: null, phone: '0902' });
  expect(world.run('customer.update', { customerId: 'nobody', profile: {} })).toBe('not_found/no-such-customer');
  expect(world.run('customer.import', { customerId: 'x', profile: {} }, { by: 'linh' })).toBe('forbidden/admin-only');
});
