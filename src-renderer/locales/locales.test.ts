import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { AppError, ERROR_KINDS, makeErrorBody } from '../../shared/errors.ts';
import { coreRequests } from '../../shared/core-api/requests.ts';
import { commandName } from '../views/attention/command-name.ts';
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

const SOURCES = ['shared', 'src-main', 'src-relay'];

function sourceFiles(folders: readonly string[]): { name: string; source: string }[] {
  return folders.flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !/\.(test|contract)\.ts$/u.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => ({ name: path.relative(root, file), source: fs.readFileSync(file, 'utf8') })),
  );
}

/** The codes that follow something: `reason: 'text-too-long'`, also where one of several is chosen. */
function codesAfter(folders: readonly string[], start: RegExp): string[] {
  const found = new Set<string>();
  for (const { source } of sourceFiles(folders)) {
    for (const { index, 0: match } of source.matchAll(start)) {
      const rest = source.slice(index + match.length);
      const expression = rest.slice(0, rest.search(/[,;}\n]/u));
      for (const [, code] of expression.matchAll(/'([a-z][a-z0-9]*(?:-[a-z0-9]+)*)'/gu)) found.add(code!);
    }
  }
  return [...found].toSorted();
}

const missing = (codes: readonly string[], said: object) => codes.filter((code) => !Object.hasOwn(said, code));

test('every reason of shared, of the console and of the relay is said in both languages', () => {
  const reasons = codesAfter(SOURCES, /\breason: |\breason = (?!outcome)/gu);
  expect(reasons).toContain('conversation-moved-on');
  expect(reasons).toContain('relay-restored');
  expect(reasons.length).toBeGreaterThan(100);
  for (const language of languages) {
    const { reason, notice } = resources[language].errors;
    const { deliveryReason } = resources[language].conversation;
    expect(missing(reasons, { ...reason, ...notice, ...deliveryReason }), language).toEqual([]);
  }
});

test('every notice of the core, and every reason why a message did not arrive, is said in both languages', () => {
  const notices = codesAfter(['src-main/core'], /#notices\.add(?:UnlessThere)?\(/gu);
  const failures = codesAfter(['src-relay/delivery', 'src-relay/channels'], /\breason: /gu);
  expect(notices).toContain('cache-rebuilt');
  expect(failures).toContain('gave-up');
  for (const language of languages) {
    expect(missing(notices, resources[language].errors.notice), language).toEqual([]);
    const { deliveryReason } = resources[language].conversation;
    expect(missing(failures, { ...resources[language].errors.reason, ...deliveryReason }), language).toEqual([]);
  }
});

test('every command that an agent can give has a name', () => {
  const given = Object.entries(coreRequests).filter(([, { output }]) => 'commandId' in output.shape);
  const types = given.map(([name]) => name);
  expect(types).toContain('message.send');
  expect(types.filter((type) => commandName(type) === 'other')).toEqual([]);
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
