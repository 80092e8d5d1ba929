import { expect, test } from 'vitest';
import { toRelayUrl } from './relay-url.ts';

test.each([
  ['relay.shop.vn', 'https://relay.shop.vn'],
  ['  https://relay.shop.vn/  ', 'https://relay.shop.vn'],
  ['relay.shop.vn:8443', 'https://relay.shop.vn:8443'],
  ['https://relay.shop.vn/some/path?x=1', 'https://relay.shop.vn'],
  ['192.168.1.10:4600', 'http://192.168.1.10:4600'],
  ['localhost:4600', 'http://localhost:4600'],
  ['127.0.0.1', 'http://127.0.0.1'],
  ['HTTP://10.0.0.5:4600', 'http://10.0.0.5:4600'],
])('%s is understood', (typed, url) => {
  expect(toRelayUrl(typed)).toBe(url);
});

test.each(['', '   ', 'two words', 'ftp://relay.shop.vn', 'javascript://x', 'https://', 'file:///etc/passwd'])(
  '“%s” is no address',
  (typed) => {
    expect(toRelayUrl(typed)).toBeNull();
  },
);
