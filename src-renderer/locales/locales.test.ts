import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { AppError, ERROR_KINDS, makeErrorBody } from '../../shared/errors.ts';
import { errorText } from './error-text.ts';
import { formatMoment, formatWait } from './format-time.ts';
import { createI18n } from './i18n.ts';
import { resources } from './resources.ts';

const root = path.resolve(import.meta.dirname, '../..');
const languages = ['vi', 'en'] as const;

/** `a.b` for every text; English has one more form of plurals than Vietnamese, so both count as one key. */
function keysOf(texts: object, before = ''): string[] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [before + key.replace(/_(one|other)$/, '')]
      : keysOf(value as object, `${before}${key}.`),
  );
}

function textsOf(texts: object, before = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[before + key, value] as [string, string]]
      : textsOf(value as object, `${before}${key}.`),
  );
}

const variablesOf = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).toSorted();

test('both languages have the same keys', () => {
  for (const namespace of Object.keys(resources.vi) as (keyof typeof resources.vi)[]) {
    const vi = new Set(keysOf(resources.vi[namespace]));
    const en = new Set(keysOf(resources.en[namespace]));
    expect([...en].toSorted(), namespace).toEqual([...vi].toSorted());
  }
});

test('no text is empty, and both languages fill in the same variables', () => {
  for (const namespace of Object.keys(resources.vi) as (keyof typeof resources.vi)[]) {
    const en = new Map(textsOf(resources.en[namespace]));
    for (const [key, text] of textsOf(resources.vi[namespace])) {
      expect(text.trim(), key).not.toBe('');
      expect(variablesOf(en.get(key) ?? ''), `${namespace}:${key}`).toEqual(variablesOf(text));
    }
  }
});

test('English has both forms where it counts', () => {
  for (const [namespace, texts] of Object.entries(resources.en)) {
    const keys = textsOf(texts).map(([key]) => key);
    for (const key of keys.filter((one) => one.endsWith('_other'))) {
      expect(keys, `${namespace}:${key}`).toContain(key.replace(/_other$/, '_one'));
    }
  }
});

/** Reasons as they are written in the sources: `reason: 'text-too-long'`. */
function reasonsIn(folders: string[]): string[] {
  const found = new Set<string>();
  for (const folder of folders) {
    for (const entry of fs.readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts')) continue;
      const source = fs.readFileSync(path.join(entry.parentPath, entry.name), 'utf8');
      for (const [, reason] of source.matchAll(/\breason: '([a-z][a-z0-9-]+)'/g)) found.add(reason!);
    }
  }
  return [...found].toSorted();
}

// What the relay says to its administrator (start-up, backups, CLI) and to customers' widgets is not said by a console.
const AGENT_FACING = [
  'shared',
  'src-main',
  'src-relay/gateway',
  'src-relay/event-log',
  'src-relay/auth',
  'src-relay/files',
];

test('every reason that can reach a console is said in both languages', () => {
  const reasons = reasonsIn(AGENT_FACING);
  expect(reasons).toContain('conversation-moved-on');
  for (const language of languages) {
    const said = Object.keys(resources[language].errors.reason);
    expect(
      reasons.filter((reason) => !said.includes(reason)),
      language,
    ).toEqual([]);
  }
});

test('every kind of error is said in both languages', () => {
  for (const language of languages) {
    expect(Object.keys(resources[language].errors.kind).toSorted()).toEqual(Object.keys(ERROR_KINDS).toSorted());
  }
});

test('an error is said by its reason, else by its kind, never by the English message of its body', () => {
  const { t } = createI18n('vi');
  expect(errorText(t, new AppError('stale', 'raw', { reason: 'customer-wrote-again' }))).toContain(
    'Khách vừa nhắn thêm',
  );
  expect(errorText(t, new AppError('storage', 'ENOSPC', { reason: 'of-tomorrow' }))).toContain('ổ đĩa');
  expect(errorText(t, makeErrorBody('forbidden', 'relay', 'raw'))).toContain('không có quyền');
  expect(errorText(t, new TypeError('undefined is not a function'))).not.toContain('undefined');
});

test('times are as short as is clear', () => {
  const now = new Date(2025, 10, 21, 14, 0).getTime();
  expect(formatMoment(new Date(2025, 10, 21, 9, 5).getTime(), 'vi', now)).toBe('09:05');
  expect(formatMoment(new Date(2025, 9, 3, 9, 5).getTime(), 'en', now)).toBe('03/10 09:05');
  expect(formatWait(30_000, 'vi')).toBe('<1′');
  expect(formatWait(59 * 60_000, 'vi')).toBe('59′');
  expect(formatWait(3 * 3_600_000, 'vi')).toBe('3 giờ');
  expect(formatWait(50 * 3_600_000, 'en')).toBe('2d');
});
