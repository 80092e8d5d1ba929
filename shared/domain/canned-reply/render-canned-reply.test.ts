import { expect, test } from 'vitest';
import { renderCannedReply } from './render-canned-reply.ts';

test.each([
  ['Chào {{customer.name}}', 'Chào Mai', []],
  ['Chào {{ customer.name | bạn }} và {{customer.phone|bạn}}', 'Chào Mai và bạn', []],
  [
    '{{order.number}} {{order.number}} {{agent.name}}',
    '[order.number] [order.number] [agent.name]',
    ['order.number', 'agent.name'],
  ],
  ['{{constructor}} {{customer.email}}', '[constructor] [customer.email]', ['constructor', 'customer.email']],
  ['{{ }} {{customer.name} {x}', '{{ }} {{customer.name} {x}', []],
  ['$& {{customer.name}}', '$& Mai', []],
])('%s', (text, rendered, missing) => {
  expect(renderCannedReply(text, { 'customer.name': 'Mai', 'customer.email': '' })).toEqual({
    text: rendered,
    missing,
  });
});

test('what is filled in is not filled in again', () => {
  expect(renderCannedReply('{{customer.name}}', { 'customer.name': '{{agent.name}}', 'agent.name': 'x' }).text).toBe(
    '{{agent.name}}',
  );
});

test('a text in which a variable is never closed is rendered as it is, however many spaces follow', () => {
  // By the pattern of before it took a minute.
  const text = `{{customer.name |${' '.repeat(4900)}`;
  expect(renderCannedReply(text, {})).toEqual({ text, missing: [] });
});
