import { createHmac } from 'node:crypto';
import { jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { toErrorBody } from '../../shared/errors.ts';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import { ACCESS_TOKEN_MS, readAccessToken, signAccessToken } from './access-token.ts';

const key = new Uint8Array(32).fill(7);
const clock = new ManualClock();
const who = { agentId: 'hoa', sessionId: 'desk' };
const header = { alg: 'HS256', typ: 'at+jwt' };
const claims = { iss: 'liendesk', sub: 'hoa', sid: 'desk', exp: Math.floor(clock.now() / 1000) + 60 };

function sign(...parts: object[]): string {
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

function reasonOf(token: string, of = key): string | undefined {
  try {
    readAccessToken(token, of, clock);
    return undefined;
  } catch (error) {
    return toErrorBody(error, 'relay').reason;
  }
}

test('a token is a JWT that any library reads, good until its very second', async () => {
  const { accessToken, accessExpiresAt } = await signAccessToken(who, key, clock);
  const { payload } = await jwtVerify(accessToken, key, { currentDate: new Date(clock.now()) });
  expect(payload).toMatchObject({ iss: 'liendesk', sub: 'hoa', sid: 'desk' });
  expect(readAccessToken(accessToken, key, clock)).toEqual(who);
  const later = new ManualClock(accessExpiresAt - 1);
  expect(readAccessToken(accessToken, key, later)).toEqual(who);
  later.advance(1);
  expect(() => readAccessToken(accessToken, key, later)).toThrow('expired');
  expect(accessExpiresAt - clock.now()).toBeLessThanOrEqual(ACCESS_TOKEN_MS);
});

test('what was signed for another purpose, by another key, or was changed by one character, is no good', () => {
  const good = sign(header, claims);
  expect(reasonOf(good)).toBeUndefined();
  const others = [
    sign({ ...header, typ: 'jwt' }, claims),
    sign({ ...header, alg: 'HS512' }, claims),
    sign({ ...header, alg: 'none' }, claims),
    sign(header, { ...claims, iss: 'other' }),
    sign(header, { ...claims, sid: 1 }),
    sign(header, { ...claims, sub: undefined }),
    sign(header, { ...claims, exp: undefined }),
    sign(header),
    `${good}=`,
    `${good}.x`,
    `.${good}`,
    good.slice(0, good.lastIndexOf('.') + 1),
    good.slice(0, good.lastIndexOf('.')),
  ];
  for (let at = 0; at < good.length; at += 1) {
    others.push(good.slice(0, at) + (good[at] === 'A' ? 'B' : 'A') + good.slice(at + 1));
  }
  for (const token of others) expect(reasonOf(token), token).toBe('access-token-invalid');
  expect(reasonOf(good, new Uint8Array(32).fill(8))).toBe('access-token-invalid');
});
