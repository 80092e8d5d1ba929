import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const css = fs.readFileSync(path.join(import.meta.dirname, 'tokens.css'), 'utf8');
const [light, dark] = css.split(":root[data-theme='dark']");

const tokensOf = (part: string) =>
  Object.fromEntries(
    [...part.matchAll(/(--color-[\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]),
  );

const themes = { light: tokensOf(light!), dark: { ...tokensOf(light!), ...tokensOf(dark!) } };

/** WCAG 2.2 relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [bright, dim] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (bright! + 0.05) / (dim! + 0.05);
}

const surfaces = ['rail', 'list', 'main', 'raised', 'field'];
const pairs: [text: string, surface: string][] = [
  ...surfaces.flatMap((surface) =>
    ['text', 'text-muted', 'text-faint', 'accent-text', 'danger-text', 'warning-text'].map(
      (text) => [text, surface] as [string, string],
    ),
  ),
  ['on-accent', 'accent'],
  ['on-danger', 'danger'],
  ['accent-text', 'accent-soft'],
  ['text', 'accent-soft'],
  ['text-muted', 'accent-soft'],
  ['text-faint', 'accent-soft'],
  ['danger-text', 'danger-soft'],
  ['danger-text', 'accent-soft'],
  ['warning-text', 'warning-soft'],
  ['success-text', 'success-soft'],
  ['text-muted', 'neutral-soft'],
  ['note-text', 'note'],
  ['text', 'bubble-agent'],
  ['text', 'bubble-customer'],
];

test.each(Object.entries(themes))('text keeps 4.5:1 on what it stands on (%s)', (_theme, tokens) => {
  const weak = pairs
    .map(([text, surface]) => ({
      text,
      surface,
      ratio: contrast(tokens[`--color-${text}`]!, tokens[`--color-${surface}`]!),
    }))
    .filter(({ ratio }) => !(ratio >= 4.5));
  expect(weak).toEqual([]);
});

/** What a wash of `rgb(r g b / a%)` leaves of the colour under it, as `#rrggbb`. */
function washed(colour: string, wash: string): string {
  const [red, green, blue, percent] = wash.match(/[\d.]+/gu)!.map(Number);
  const mixed = [red!, green!, blue!].map((part, index) => {
    const under = Number.parseInt(colour.slice(1 + index * 2, 3 + index * 2), 16);
    return Math.round(under + ((part - under) * percent!) / 100);
  });
  return `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

test.each([
  ['light', light!],
  ['dark', dark!],
] as const)('text keeps 4.5:1 where a row or an entry is chosen (%s)', (theme, part) => {
  const tokens = themes[theme];
  const wash = /--color-active: (rgb\([^)]+\))/u.exec(part)![1]!;
  const weak = ['rail', 'list']
    .flatMap((surface) => ['text', 'text-muted', 'text-faint', 'danger-text'].map((text) => ({ surface, text })))
    .map(({ surface, text }) => {
      const ratio = contrast(tokens[`--color-${text}`]!, washed(tokens[`--color-${surface}`]!, wash));
      return { surface, text, ratio };
    })
    .filter(({ ratio }) => !(ratio >= 4.5));
  expect(weak).toEqual([]);
});

test.each(Object.entries(themes))('marks and focus rings keep 3:1 (%s)', (_theme, tokens) => {
  const weak = ['focus', 'accent', 'danger', 'warning', 'success']
    .flatMap((mark) => surfaces.map((surface) => ({ mark, surface })))
    .map(({ mark, surface }) => ({
      mark,
      surface,
      ratio: contrast(tokens[`--color-${mark}`]!, tokens[`--color-${surface}`]!),
    }))
    .filter(({ ratio }) => !(ratio >= 3));
  expect(weak).toEqual([]);
});
