import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from 'better-sqlite3';
import type { Agent } from '../../shared/domain/agent/agent.ts';
import type { RootRow, SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import type { SignedIn } from '../../shared/relay-protocol/auth-api.ts';
import type { Commit } from '../event-log/event-log.ts';
import { openRelayDatabase } from '../event-log/open-relay-database.ts';
import { createSystemRandom } from '../system-clock.ts';
import { type Auth, createAuth } from './auth.ts';
import { registerAuthRoutes } from './auth-routes.ts';

const PASSWORD = 'cà phê sữa đá 10';
const DEVICE = '018f3f2e-0000-7000-8000-000000000001';
const DEVICE_2 = '018f3f2e-0000-7000-8000-000000000002';
const signingKey = new Uint8Array(32).fill(7);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Time that only the test moves. */
class HandClock implements Clock {
  time = Date.UTC(2026, 0, 1);
  now(): number {
    return this.time;
  }
  monotonic(): number {
    return this.time;
  }
  after(): () => void {
    throw new Error('not needed here');
  }
}

/** Agents as the event log would show them. */
class Agents {
  readonly rows = new Map<string, Agent>();
  readonly listeners = new Set<(commit: Commit) => void>();

  put(id: string, fields: Partial<Agent>): void {
    const before = this.rows.get(id) ?? null;
    const base = {
      name: id,
      email: `${id}@example.test`,
      role: 'agent',
      queueIds: [],
      languages: ['vi'],
      isActive: true,
    } as const;
    const after = { ...base, ...before, ...fields, id, asOf: 1, bornSeq: 1 } as Agent;
    this.rows.set(id, after);
    const touched = new Map<SubjectRef, { before: RootRow | null; after: RootRow | null }>([
      [`agent:${id}`, { before, after }],
    ]);
    for (const listener of this.listeners) listener({ events: [], touched });
  }

  log() {
    return {
      read: (subject: SubjectRef) => ({ root: () => this.rows.get(subject.slice(6)) ?? null, item: () => null }),
      listRoots: async () => [...this.rows.values()],
      onCommit: (listener: (commit: Commit) => void) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
    } as Parameters<typeof createAuth>[0]['eventLog'];
  }
}

let folder: string;
let database: Database;
let clock: HandClock;
let agents: Agents;
let auth: Auth;
let app: FastifyInstance;
let url: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-auth-'));
  database = openRelayDatabase(path.join(folder, 'relay.db'));
  clock = new HandClock();
  agents = new Agents();
  agents.put('hoa', {});
  agents.put('nam', {});
  auth = createAuth({
    database,
    eventLog: agents.log(),
    clock,
    random: createSystemRandom(),
    signingKey,
    logger: { info: () => {}, warn: () => {} },
  });
  await auth.setPassword('hoa', PASSWORD);
  app = Fastify();
  registerAuthRoutes(app, { auth });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  await app.close();
  auth.close();
  database.close();
  rmSync(folder, { recursive: true });
});

async function call(method: string, address: string, body?: unknown, token?: string) {
  const response = await fetch(`${url}/api/v1/auth${address}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

async function signIn(fields: object = {}): Promise<SignedIn> {
  const answer = await call('POST', '/sign-in', {
    email: 'hoa@example.test',
    password: PASSWORD,
    deviceId: DEVICE,
    deviceName: 'Laptop of Hoa',
    ...fields,
  });
  if (answer.status !== 200) throw Object.assign(new Error(answer.body.message), { answer });
  return answer.body;
}

async function refusalOf(promise: Promise<unknown>): Promise<{ kind: string; reason: string | undefined }> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown as { kind: string; details: { reason?: string }; answer?: { body: ErrorBody } },
  );
  if (error === null) return { kind: 'none', reason: undefined };
  return error.answer ? pick(error.answer.body) : { kind: error.kind, reason: error.details.reason };
}

function pick(body: ErrorBody) {
  return { kind: body.kind, reason: body.reason };
}

describe('sign-in', () => {
  test('answers tokens that tell who it is, with the password in any Unicode form', async () => {
    const signedIn = await signIn({ email: ' HOA@Example.test', password: PASSWORD.normalize('NFD') });
    expect(signedIn.accessExpiresAt).toBe(clock.time + 10 * MINUTE);
    expect(await auth.verifyAccessToken(signedIn.accessToken)).toEqual({
      agentId: 'hoa',
      sessionId: signedIn.sessionId,
    });
  });

  test('answers the same for a wrong password, an unknown e-mail and an agent without a password', async () => {
    const bodies = await Promise.all(
      [{ password: 'wrong password' }, { email: 'nobody@example.test' }, { email: 'nam@example.test' }].map(
        async (fields) =>
          signIn(fields).then(
            () => null,
            (error) => error.answer,
          ),
      ),
    );
    expect(bodies[0].status).toBe(401);
    expect(bodies[0].body).toMatchObject({ kind: 'unauthenticated', reason: 'wrong-email-or-password' });
    expect(bodies[1].body).toEqual(bodies[0].body);
    expect(bodies[2].body).toEqual(bodies[0].body);
  });

  test('refuses a deactivated agent who knows the password, and says nothing to one who does not', async () => {
    agents.put('hoa', { isActive: false });
    expect(await refusalOf(signIn())).toEqual({ kind: 'forbidden', reason: 'agent-inactive' });
    expect(await refusalOf(signIn({ password: 'wrong password' }))).toMatchObject({
      reason: 'wrong-email-or-password',
    });
  });

  test('limits tries per e-mail, tells how long to wait, and lets in again after that', async () => {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect((await refusalOf(signIn({ password: 'wrong password' }))).kind).toBe('unauthenticated');
    }
    const limited = await call('POST', '/sign-in', {
      email: 'hoa@example.test',
      password: PASSWORD,
      deviceId: DEVICE,
      deviceName: '',
    });
    expect(limited.status).toBe(429);
    expect(limited.body).toMatchObject({ kind: 'rate_limited', retryable: true, retryAfterMs: 5 * MINUTE });
    expect(limited.headers.get('retry-after')).toBe('300');
    clock.time += 5 * MINUTE + 1;
    await signIn();
  });

  test('limits tries per address over many e-mails, successes not counted', async () => {
    for (let attempt = 0; attempt < 35; attempt += 1) await signIn();
    for (let attempt = 0; attempt < 30; attempt += 1)
      await refusalOf(signIn({ email: `guess${attempt}@example.test` }));
    expect((await refusalOf(signIn())).kind).toBe('rate_limited');
  });

  test.each([
    ['no JSON', '{', 'invalid'],
    ['a missing field', JSON.stringify({ email: 'hoa@example.test' }), 'invalid'],
    ['a body that is too big', JSON.stringify({ email: 'x'.repeat(20_000) }), 'too_large'],
  ])('refuses %s clearly', async (_what, body, kind) => {
    const response = await fetch(`${url}/api/v1/auth/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await response.json()).toMatchObject({ kind, origin: 'relay', retryable: false });
  });

  test('keeps neither passwords nor tokens in the database', async () => {
    const signedIn = await signIn();
    const { token } = auth.issueLink('nam', 'invitation');
    const everything = ['credential', 'session', 'refresh_token', 'one_time_token']
      .flatMap((table) => database.prepare(`SELECT * FROM ${table}`).all())
      .map((row) =>
        JSON.stringify(row, (_key, value) =>
          value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
        ),
      )
      .join();
    expect(everything).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    for (const secret of [PASSWORD, signedIn.refreshToken, signedIn.accessToken, token]) {
      expect(everything).not.toContain(secret);
    }
  });
});

describe('access tokens', () => {
  test('expire after ten minutes', async () => {
    const { accessToken } = await signIn();
    clock.time += 10 * MINUTE;
    expect(await refusalOf(auth.verifyAccessToken(accessToken))).toEqual({
      kind: 'unauthenticated',
      reason: 'access-token-expired',
    });
  });

  test('are refused when signed by another key, unsigned, or changed', async () => {
    const { accessToken, sessionId } = await signIn();
    const forged = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setIssuer('liendesk')
      .setSubject('hoa')
      .setExpirationTime(new Date(clock.time + DAY))
      .sign(new Uint8Array(32).fill(8));
    const [, payload] = accessToken.split('.');
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`;
    for (const token of [forged, unsigned, `${accessToken.slice(0, -4)}AAAA`, '', 'x.y.z']) {
      expect((await refusalOf(auth.verifyAccessToken(token))).kind).toBe('unauthenticated');
    }
  });

  test('are no good from the moment their session or agent is gone', async () => {
    const first = await signIn();
    expect(auth.revokeSession('hoa', first.sessionId)).toBe(true);
    expect((await refusalOf(auth.verifyAccessToken(first.accessToken))).reason).toBe('session-ended');
    const second = await signIn();
    agents.put('hoa', { isActive: false });
    expect((await refusalOf(auth.verifyAccessToken(second.accessToken))).reason).toBe('session-ended');
  });
});

describe('refresh', () => {
  const refresh = async (refreshToken: string): Promise<SignedIn> => {
    const answer = await call('POST', '/refresh', { refreshToken });
    if (answer.status !== 200) throw Object.assign(new Error(answer.body.message), { answer });
    return answer.body;
  };

  test('rotates, and keeps the session', async () => {
    const first = await signIn();
    const second = await refresh(first.refreshToken);
    const third = await refresh(second.refreshToken);
    expect(new Set([first.refreshToken, second.refreshToken, third.refreshToken]).size).toBe(3);
    expect(third.sessionId).toBe(first.sessionId);
    expect(await auth.verifyAccessToken(third.accessToken)).toMatchObject({ agentId: 'hoa' });
  });

  test('keeps the old token good until the new one was used: a console killed before it saved is still signed in', async () => {
    const first = await signIn();
    for (let kill = 0; kill < 12; kill += 1) await refresh(first.refreshToken);
    const saved = await refresh(first.refreshToken);
    const next = await refresh(saved.refreshToken);
    expect(next.sessionId).toBe(first.sessionId);
  });

  test('ends the session when a token older than the last used one comes back', async () => {
    const revoked: unknown[] = [];
    auth.onRevoked((session) => revoked.push(session));
    const first = await signIn();
    const second = await refresh(first.refreshToken);
    const third = await refresh(second.refreshToken);
    expect(await refusalOf(refresh(first.refreshToken))).toEqual({ kind: 'unauthenticated', reason: 'session-ended' });
    expect(revoked).toEqual([{ agentId: 'hoa', sessionId: first.sessionId }]);
    expect((await refusalOf(refresh(third.refreshToken))).reason).toBe('session-ended');
  });

  test('ends the session when two copies of a token both went on', async () => {
    const first = await signIn();
    const mine = await refresh(first.refreshToken);
    const thiefs = await refresh(first.refreshToken);
    await refresh(mine.refreshToken);
    expect((await refusalOf(refresh(thiefs.refreshToken))).reason).toBe('session-ended');
    expect((await refusalOf(refresh(mine.refreshToken))).reason).toBe('session-ended');
  });

  test('ends with deactivation, and after 60 days without use', async () => {
    const first = await signIn();
    agents.put('hoa', { isActive: false });
    expect((await refusalOf(refresh(first.refreshToken))).reason).toBe('session-ended');
    agents.put('hoa', { isActive: true });
    const second = await signIn();
    clock.time += 61 * DAY;
    expect((await refusalOf(refresh(second.refreshToken))).reason).toBe('session-ended');
  });
});

describe('sessions', () => {
  test('are listed per device, and one can end another', async () => {
    const laptop = await signIn();
    clock.time += MINUTE;
    const desk = await signIn({ deviceId: DEVICE_2, deviceName: 'Desk \u202e3' });
    const list = await call('GET', '/sessions', undefined, desk.accessToken);
    expect(list.body.sessions).toEqual([
      { id: desk.sessionId, deviceName: 'Desk 3', createdAt: clock.time, lastSeenAt: clock.time, isCurrent: true },
      expect.objectContaining({ id: laptop.sessionId, deviceName: 'Laptop of Hoa', isCurrent: false }),
    ]);
    expect((await call('DELETE', `/sessions/${laptop.sessionId}`, undefined, desk.accessToken)).status).toBe(204);
    expect((await call('GET', '/sessions', undefined, laptop.accessToken)).status).toBe(401);
  });

  test('of others cannot be seen or ended', async () => {
    await auth.setPassword('nam', PASSWORD);
    const hoa = await signIn();
    const nam = await signIn({ email: 'nam@example.test', deviceId: DEVICE_2 });
    expect((await call('GET', '/sessions', undefined, nam.accessToken)).body.sessions).toHaveLength(1);
    expect((await call('DELETE', `/sessions/${hoa.sessionId}`, undefined, nam.accessToken)).status).toBe(404);
    await auth.verifyAccessToken(hoa.accessToken);
  });

  test('signing in again on a device ends its former session; signing out ends the session', async () => {
    const first = await signIn();
    const second = await signIn();
    expect((await refusalOf(auth.verifyAccessToken(first.accessToken))).reason).toBe('session-ended');
    expect((await call('POST', '/sign-out', undefined, second.accessToken)).status).toBe(204);
    expect(auth.listSessions('hoa')).toEqual([]);
  });
});

describe('one-time links', () => {
  test('an invitation sets the first password, once', async () => {
    const { token, expiresAt } = auth.issueLink('nam', 'invitation');
    expect(expiresAt).toBe(clock.time + 3 * DAY);
    const short = await call('POST', '/accept-invitation', { token, password: 'too short' });
    expect(short.body.kind).toBe('invalid');
    const done = await call('POST', '/accept-invitation', { token, password: PASSWORD });
    expect(done.body).toEqual({ email: 'nam@example.test' });
    await signIn({ email: 'nam@example.test' });
    const again = await call('POST', '/accept-invitation', { token, password: 'another password' });
    expect(pick(again.body)).toEqual({ kind: 'gone', reason: 'link-used-or-expired' });
  });

  test('a reset is good for an hour, ends all sessions, and is no invitation', async () => {
    const session = await signIn();
    const expired = auth.issueLink('hoa', 'password-reset').token;
    clock.time += 60 * MINUTE;
    expect((await call('POST', '/reset-password', { token: expired, password: 'a new password' })).status).toBe(410);
    const { token } = auth.issueLink('hoa', 'password-reset');
    expect((await call('POST', '/accept-invitation', { token, password: 'a new password' })).status).toBe(410);
    expect((await call('POST', '/reset-password', { token, password: 'a new password' })).status).toBe(200);
    expect((await refusalOf(auth.refresh(session.refreshToken))).reason).toBe('session-ended');
    expect((await refusalOf(signIn())).reason).toBe('wrong-email-or-password');
    await signIn({ password: 'a new password' });
  });

  test('a newer link ends the older one, and deactivation ends all', async () => {
    const old = auth.issueLink('nam', 'invitation').token;
    const { token } = auth.issueLink('nam', 'invitation');
    expect((await refusalOf(auth.redeemLink(old, 'invitation', PASSWORD))).kind).toBe('gone');
    agents.put('nam', { isActive: false });
    agents.put('nam', { isActive: true });
    expect((await refusalOf(auth.redeemLink(token, 'invitation', PASSWORD))).kind).toBe('gone');
  });
});
