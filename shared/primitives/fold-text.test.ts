import { describe, expect, test } from 'vitest';
import { foldText } from './fold-text.ts';
import { fc } from '../../tests/fakes/properties.ts';

/** What folding means, whatever way it is done. */
function foldPlainly(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/đ/gu, 'd')
    .normalize('NFC');
}

describe('folding of text', () => {
  test.each(['đơn hàng', 'ĐƠN HÀNG', 'đơn hàng'.normalize('NFD'), 'don hang'])('%s is found as don hang', (text) => {
    expect(foldText(text)).toBe('don hang');
  });

  test('every unit, alone and between others, becomes what its definition says', () => {
    const different: string[] = [];
    for (let code = 0; code <= 0xffff; code += 1) {
      const unit = String.fromCharCode(code);
      for (const text of [unit, `a${unit}Ê${unit}`]) {
        if (foldText(text) !== foldPlainly(text)) different.push(code.toString(16));
      }
    }
    expect(different).toEqual([]);
  });

  test('any text becomes what its definition says', () => {
    const latin = fc.string({ unit: fc.constantFrom(...'aĐếß …“İ\u0301\u031bơΣςK\u1100\u1161🙂') });
    fc.assert(
      fc.property(fc.oneof(latin, fc.string({ unit: 'binary' })), (text) => {
        expect(foldText(text)).toBe(foldPlainly(text));
      }),
    );
  });

  test('a text of any length is folded', () => {
    expect(foldText('Đà '.repeat(100_000))).toBe('da '.repeat(100_000));
  });
});
