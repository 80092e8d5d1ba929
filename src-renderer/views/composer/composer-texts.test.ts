import { expect, test } from 'vitest';
import type { AgentView } from '../../../shared/core-api/views.ts';
import { findTrigger } from './find-trigger.ts';
import { findColleagues, mentionedIds } from './mentions.ts';
import { findPlaceholders } from './placeholders.ts';
import { textLimit } from './text-limit.ts';

const at = (text: string, sign: '/' | '@' = '/') => findTrigger(text, text.length, sign);

test('a slash opens the list where a word begins, not in a date, a path or an address', () => {
  expect(at('/')).toEqual({ sign: '/', text: '', start: 0 });
  expect(at('dạ /đơn-hà')).toEqual({ sign: '/', text: 'đơn-hà', start: 3 });
  expect(at('dòng\n/ch')).toMatchObject({ text: 'ch' });
  expect(at('20/11')).toBeNull();
  expect(at('https://a')).toBeNull();
  expect(at('/chào ')).toBeNull();
  expect(at('')).toBeNull();
  // Decomposed letters, as some input methods write them.
  expect(at('/đơn'.normalize('NFD'))).not.toBeNull();
});

test('the caret decides, not the end of the text', () => {
  expect(findTrigger('a /ch b', 5, '/')).toEqual({ sign: '/', text: 'ch', start: 2 });
  expect(findTrigger('a /ch b', 7, '/')).toBeNull();
});

const agent = (id: string, name: string): AgentView => ({
  id,
  name,
  email: '',
  role: 'agent',
  tier: 1,
  queueIds: [],
  isActive: true,
  presence: 'available',
});
const agents = [agent('lan', 'Nguyễn Thị Lan'), agent('lan-anh', 'Nguyễn Thị Lan Anh'), agent('duc', 'Trần Đức')];

test('colleagues are found without accents, by any word of their name, and never oneself', () => {
  expect(findColleagues(agents, 'duc', 'lan').map((one) => one.id)).toEqual(['duc']);
  expect(findColleagues(agents, 'thi lan', 'lan').map((one) => one.id)).toEqual(['lan-anh']);
});

test('a mention is the whole name; the longer name wins', () => {
  expect(mentionedIds(agents, 'nhờ @Nguyễn Thị Lan Anh xem, @Trần Đức nữa')).toEqual(['lan-anh', 'duc']);
  expect(mentionedIds(agents, 'a@Nguyễn x @Trần')).toEqual([]);
});

test('only what canned replies know is an open place', () => {
  expect(findPlaceholders('Đơn [order.number] của [example.com] [customer.name]').map((one) => one.text)).toEqual([
    '[order.number]',
    '[customer.name]',
  ]);
});

test('the channel counts characters, every text counts bytes', () => {
  expect(textLimit('a'.repeat(100), 2000)).toEqual({ kind: 'fine' });
  expect(textLimit('a'.repeat(1900), 2000)).toEqual({ kind: 'near', left: 100 });
  expect(textLimit('a'.repeat(2001), 2000)).toEqual({ kind: 'over', by: 1 });
  expect(textLimit('ệ'.repeat(11_000), null)).toEqual({ kind: 'over-bytes' });
  expect(textLimit('a'.repeat(32_768), null)).toEqual({ kind: 'fine' });
});
