import { zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { MAX_UNPACKED_BYTES } from '../../../shared/relay-protocol/from-relay.ts';
import { isMalformed } from '../../../shared/relay-protocol/read-from-relay.ts';
import { unpack } from './unpack.ts';

const session = '0190a5a0-0000-7000-8000-000000000001';
const text = JSON.stringify({ from: 1, to: 2, text: 'tiếng Việt' });

test('SYNC-S7 a packed frame is what it was, of the session that it came for', () => {
  for (const [isZstd, bytes] of [
    [true, zstdCompressSync(text)],
    [false, Buffer.from(text)],
  ] as const) {
    const unpacked = unpack({ name: 'frame', session, isZstd, bytes });
    expect({ ...unpacked, bytes: Buffer.from(unpacked.bytes).toString() }).toEqual({
      name: 'frame',
      session,
      bytes: text,
    });
  }
});

test('SYNC-S7 what is no zstd, no message or too much is malformed, and costs no more memory than allowed', () => {
  const bomb = zstdCompressSync(Buffer.alloc(MAX_UNPACKED_BYTES + 1, 32));
  expect(bomb.length).toBeLessThan(MAX_UNPACKED_BYTES / 1000);
  const bytes = zstdCompressSync(text);
  const whole = { name: 'page', session, isZstd: true, bytes };
  const others = [bomb, Buffer.from('no zstd'), bytes.subarray(0, 20), 'text'].map((one) => ({ ...whole, bytes: one }));
  const tooMuch = { ...whole, isZstd: false, bytes: new Uint8Array(MAX_UNPACKED_BYTES + 1) };
  const { isZstd: _, ...undecided } = whole;
  expect(unpack(whole).name).toBe('page');
  for (const raw of [...others, tooMuch, undecided, { ...whole, name: 'welcome' }, { ...whole, session: 'x' }, null]) {
    let error: unknown;
    try {
      unpack(raw);
    } catch (thrown) {
      error = thrown;
    }
    expect(isMalformed(error)).toBe(true);
  }
});
