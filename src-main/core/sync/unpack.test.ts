import { zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { MAX_UNPACKED_BYTES } from '../../../shared/relay-protocol/from-relay.ts';
import { unpack } from './unpack.ts';

const session = '0190a5a0-0000-7000-8000-000000000001';

test('SYNC-S7 a packed frame is what it was, of the session that it came for', () => {
  const bytes = zstdCompressSync(JSON.stringify({ from: 1, to: 2, session: 'of nobody' }));
  expect(unpack({ name: 'frame', session, bytes })).toEqual({
    name: 'frame',
    message: { from: 1, to: 2, session },
  });
});

test('SYNC-S7 what is no zstd, no JSON, no message or too much is malformed, and costs no more memory than allowed', () => {
  const bomb = zstdCompressSync(Buffer.alloc(MAX_UNPACKED_BYTES + 1, 32));
  expect(bomb.length).toBeLessThan(MAX_UNPACKED_BYTES / 1000);
  for (const bytes of [bomb, Buffer.from('no zstd'), zstdCompressSync('{'), 'text']) {
    expect(unpack({ name: 'page', session, bytes }).message).toBeUndefined();
  }
  expect(unpack({ name: 'welcome', session, bytes: zstdCompressSync('{}') }).message).toBeUndefined();
  expect(unpack(null).message).toBeUndefined();
});
