import { expect, test } from 'vitest';
import { initialsOf, toneOf } from './initials.ts';
import { shortNameOf, shortNamesOf } from './short-name.ts';

test('one word that a person is known by', () => {
  expect(shortNameOf('Nguyễn Thị Hồng Nhung')).toBe('Nhung');
  expect(shortNameOf('Tran Van Duc')).toBe('Duc');
  expect(shortNameOf('Emily Carter')).toBe('Emily');
  expect(shortNameOf('James O’Neill')).toBe('James');
  expect(shortNameOf('Khách 7f3a')).toBe('7f3a');
  expect(shortNameOf('Lan')).toBe('Lan');
  expect(shortNameOf('  ')).toBe('');
});

test('people side by side whose short names are the same are told apart by more of their names', () => {
  const names = ['Trần Thị Lan', 'Lê Ngọc Lan', 'Emily Carter', 'Emily Ford', 'Phạm Anh Đức'];
  expect(shortNamesOf(names)).toEqual(['Thị Lan', 'Ngọc Lan', 'Emily Carter', 'Emily Ford', 'Đức']);
  // The middle name too is the same, and one has no more than the given name.
  expect(shortNamesOf(['Trần Thị Lan', 'Lê Thị Lan', 'Lan'])).toEqual(['Trần Thị Lan', 'Lê Thị Lan', 'Lan']);
  expect(shortNamesOf(['Lan', 'Lan', ''])).toEqual(['Lan', 'Lan', '']);
  expect(shortNamesOf([])).toEqual([]);
});

test('initials are the first letters of the first and the last word, whatever they are made of', () => {
  expect(initialsOf('Nguyễn Thị Lan')).toBe('NL');
  expect(initialsOf('đặng văn ổn')).toBe('ĐỔ');
  expect(initialsOf('Lan')).toBe('L');
  expect(initialsOf('👩🏽 (Lan)')).toBe('?');
  expect(initialsOf('')).toBe('?');
  expect(initialsOf('Nguye\u0302\u0303n Lan'.normalize('NFD'))).toBe('NL');
});

test('a person keeps their colour', () => {
  expect(toneOf('customer-1')).toBe(toneOf('customer-1'));
  expect(new Set(Array.from({ length: 60 }, (_, index) => toneOf(`customer-${index}`))).size).toBe(8);
});
