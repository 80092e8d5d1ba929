import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Agent } from '../../shared/domain/agent/agent.ts';
import type { Random } from '../../shared/primitives/clock.ts';
import { openRelayDatabase } from '../event-log/open-relay-database.ts';
import { createSystemClock, createSystemRandom } from '../system-clock.ts';
import { type Auth, createAuth } from './auth.ts';

const OLD = 'cà phê sữa đá 10';
const NEW = 'trà đào cam sả 20';

let folder: string;
let database: Database;
let random: Random;
let auth: Auth;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-auth-races-'));
  database = openRelayDatabase(path.join(folder, 'relay.db'));
  random = createSystemRandom();
  const hoa = { id: 'hoa', name: 'hoa', email: 'hoa@example.test', isActive: true } as Agent;
  auth = createAuth({
    database,
    eventLog: {
      read: (subject) => ({ root: () => (subject === 'agent:hoa' ? hoa : null), item: () => null }) as never,
      listRoots: async () => [hoa],
      onCommit: () => () => {},
    },
    clock: createSystemClock(),
    random: { bytes: (count) => random.bytes(count), fraction: () => random.fraction() },
    signingKey: new Uint8Array(32).fill(7),
    logger: { info: () => {}, warn: () => {} },
  });
  await auth.setPassword('hoa', OLD);
});

afterEach(() => {
  auth.close();
  database.close();
  rmSync(folder, { recursive: true });
});

function signIn(password: string, email = 'hoa@example.test', device = '1') {
  const deviceId = `018f3f2e-0000-7000-8000-00000000000${device}`;
  return auth.signIn({ email, password, deviceId, deviceName: 'Desk' }, `10.0.0.${device}`);
}

const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: { details?: { reason?: string } }) => error.details?.reason ?? String(error),
  );

test('who signs in with the old password while it is replaced has no session afterwards', async () => {
  // Two passwords are computed at a time: the new one is there before the last of the others have been compared.
  const change = auth.setPassword('hoa', NEW);
  const late = ['2', '3', '4'].map((device) => signIn(OLD, undefined, device));
  await Promise.allSettled([change, ...late]);
  expect(auth.listSessions('hoa')).toEqual([]);
  await signIn(NEW);
});

test('a password that could not be computed once keeps nobody from signing in later', async () => {
  const { bytes } = random;
  // The first is the password that stands for nobody's, the second its salt.
  let calls = 0;
  random.bytes = (count) => {
    calls += 1;
    if (calls > 1) throw new Error('no chance today');
    return bytes(count);
  };
  expect(await reasonOf(signIn(OLD, 'nobody@example.test'))).toContain('no chance today');
  random.bytes = bytes;
  expect(await reasonOf(signIn(OLD, 'nobody@example.test'))).toBe('wrong-email-or-password');
});

test('once a password is set, no other link that was handed out before sets one', async () => {
  const invitation = auth.issueLink('hoa', 'invitation').token;
  const reset = auth.issueLink('hoa', 'password-reset').token;
  await auth.redeemLink(reset, 'password-reset', NEW);
  expect(await reasonOf(auth.redeemLink(invitation, 'invitation', OLD))).toBe('link-used-or-expired');
  const late = auth.issueLink('hoa', 'password-reset').token;
  await auth.setPassword('hoa', NEW);
  expect(await reasonOf(auth.redeemLink(late, 'password-reset', OLD))).toBe('link-used-or-expired');
});
