import type { Database } from 'better-sqlite3';
import type { Agent } from '../../shared/domain/agent/agent.ts';
import { subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../shared/errors.ts';
import { cleanLine } from '../../shared/primitives/clean-text.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { networkOf } from '../../shared/primitives/network-of.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import {
  MIN_PASSWORD_LENGTH,
  type Session,
  type SignInRequest,
  type SignedIn,
} from '../../shared/relay-protocol/auth-api.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { migratePart } from '../event-log/schema-migrations.ts';
import { type SignedInAgent, readAccessToken, signAccessToken } from './access-token.ts';
import { AttemptLimiter } from './attempt-limiter.ts';
import { authMigrations } from './auth-migrations.ts';
import { type OneTimeLink, type OneTimePurpose, OneTimeTokens } from './one-time-tokens.ts';
import { PasswordHasher } from './password-hash.ts';
import { SessionStore } from './session-store.ts';
import { hashToken, makeToken } from './tokens.ts';

const WINDOW_MS = 5 * 60 * 1000;
const TRIES_PER_EMAIL = 10;
// Higher than per e-mail: a whole shop may sit behind one address.
const TRIES_PER_ADDRESS = 30;
const SESSION_IDLE_MS = 60 * 24 * 60 * 60 * 1000;

export interface AuthParts {
  database: Database;
  eventLog: Pick<EventLog, 'read' | 'listRoots' | 'onCommit'>;
  clock: Clock;
  random: Random;
  /** At least 32 bytes; who has it can sign in as anybody. */
  signingKey: Uint8Array;
  logger: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** Signs agents in and knows their sessions. Who an agent is lies in the event log; what is secret lies here. */
export interface Auth {
  /**
   * @param address the network address of the caller, for the rate limit
   * @throws AppError `unauthenticated` (`wrong-email-or-password`), `forbidden` (`agent-inactive`), `rate_limited`
   */
  signIn(request: SignInRequest, address: string): Promise<SignedIn>;
  /** @throws AppError `unauthenticated` (`session-ended`): a person has to sign in again */
  refresh(refreshToken: string): Promise<SignedIn>;
  /** Checks the signature, the time, and that session and agent are still good. @throws AppError `unauthenticated` */
  verifyAccessToken(accessToken: string): Promise<SignedInAgent>;
  listSessions(agentId: string): Omit<Session, 'isCurrent'>[];
  /** Ends one session of this agent. @returns whether there was one */
  revokeSession(agentId: string, sessionId: string): boolean;
  /** Ends all sessions of an agent. @returns how many */
  revokeSessions(agentId: string): number;
  /** A one-time link (72 h for an invitation, 1 h for a reset). */
  issueLink(agentId: string, purpose: OneTimePurpose): OneTimeLink;
  /** Sets the password of the link's agent; a reset ends all sessions. @throws AppError `gone`, `invalid`, `forbidden` */
  redeemLink(token: string, purpose: OneTimePurpose, password: string): Promise<{ agentId: string; email: string }>;
  /** Sets a password and ends all sessions of the agent. */
  setPassword(agentId: string, password: string): Promise<void>;
  hasPassword(agentId: string): boolean;
  /** Called for each session that ended before its time; sockets of it have to be closed. @returns its own undo */
  onRevoked(listener: (session: SignedInAgent) => void): () => void;
  /** Ends sessions that were not used for 60 days. Call it now and then. */
  sweep(): void;
  close(): void;
}

/** Makes its own tables in `database`. Agents that are deactivated or deleted lose their sessions with that commit. */
export function createAuth(parts: AuthParts): Auth {
  return new SqliteAuth(parts);
}

class SqliteAuth implements Auth {
  readonly #parts: AuthParts;
  readonly #sessions: SessionStore;
  readonly #oneTimeTokens: OneTimeTokens;
  readonly #hasher: PasswordHasher;
  readonly #perEmail: AttemptLimiter;
  readonly #perAddress: AttemptLimiter;
  readonly #revoked = new Subscribable<SignedInAgent>();
  readonly #stopWatching: () => void;
  #unknownPersonsHash: Promise<string> | null = null;

  constructor(parts: AuthParts) {
    const { database, clock, random } = parts;
    if (parts.signingKey.length < 32) throw new AppError('internal', 'The signing key is too short.');
    migratePart(database, 'auth', authMigrations);
    this.#parts = parts;
    this.#sessions = new SessionStore(database);
    this.#oneTimeTokens = new OneTimeTokens(database, clock, random);
    this.#hasher = new PasswordHasher(random);
    this.#perEmail = new AttemptLimiter(clock, TRIES_PER_EMAIL, WINDOW_MS);
    this.#perAddress = new AttemptLimiter(clock, TRIES_PER_ADDRESS, WINDOW_MS);
    this.#stopWatching = parts.eventLog.onCommit(({ touched }) => {
      for (const [subject, { after }] of touched) {
        if (!subject.startsWith('agent:') || (after as Agent | null)?.isActive === true) continue;
        const agentId = subject.slice('agent:'.length);
        this.revokeSessions(agentId);
        this.#oneTimeTokens.removeOfAgent(agentId);
        // Whoever is given the id later is somebody else.
        if (after === null) this.#forgetPassword(agentId);
      }
    });
  }

  async signIn(request: SignInRequest, address: string): Promise<SignedIn> {
    const { clock, random, logger } = this.#parts;
    const email = normalizeEmail(request.email);
    const network = networkOf(address);
    this.#perAddress.begin(network);
    this.#perEmail.begin(email);
    const agent = await this.#findByEmail(email);
    const knownHash = agent === null ? null : this.#readPasswordHash(agent.id);
    // A person who is not known takes as long as one who is.
    const isRight = await this.#hasher.verify(request.password, knownHash ?? (await this.#hashOfNobody()));
    if (agent === null || knownHash === null || !isRight) {
      logger.warn({ agentId: agent?.id ?? null, address }, 'sign-in refused');
      throw wrong();
    }
    this.#perAddress.forgive(network);
    this.#perEmail.clear(email);
    if (!this.#isActive(agent.id)) throw inactive();
    // Replaced while this one was compared: who only knows the old one is not to be let in after all were sent away.
    if (this.#readPasswordHash(agent.id) !== knownHash) throw wrong();
    const now = clock.now();
    for (const old of this.#sessions.listOfAgent(agent.id)) {
      if (old.deviceId === request.deviceId) this.revokeSession(agent.id, old.id);
    }
    const refreshToken = makeToken(random);
    const session = {
      id: makeUuidV7(now, random.bytes(10)),
      agentId: agent.id,
      deviceId: request.deviceId,
      deviceName: cleanLine(request.deviceName),
      createdAt: now,
      lastSeenAt: now,
    };
    this.#sessions.add(session, hashToken(refreshToken));
    logger.info({ agentId: agent.id, sessionId: session.id, address }, 'signed in');
    return this.#answer({ agentId: agent.id, sessionId: session.id }, refreshToken);
  }

  async refresh(refreshToken: string): Promise<SignedIn> {
    const { clock, random, logger } = this.#parts;
    const hash = hashToken(refreshToken);
    const found = this.#sessions.findByToken(hash);
    if (found === null) throw sessionEnded();
    const { session, state } = found;
    if (state === 'spent') {
      logger.warn({ agentId: session.agentId, sessionId: session.id }, 'a spent refresh token was used; session ended');
      this.revokeSession(session.agentId, session.id);
      throw sessionEnded();
    }
    if (session.lastSeenAt < clock.now() - SESSION_IDLE_MS || !this.#isActive(session.agentId)) {
      this.revokeSession(session.agentId, session.id);
      throw sessionEnded();
    }
    const issued = makeToken(random);
    this.#sessions.rotate(session.id, { hash, state }, hashToken(issued), clock.now());
    return this.#answer({ agentId: session.agentId, sessionId: session.id }, issued);
  }

  async verifyAccessToken(accessToken: string): Promise<SignedInAgent> {
    const who = readAccessToken(accessToken, this.#parts.signingKey, this.#parts.clock);
    const session = this.#sessions.find(who.sessionId);
    if (session?.agentId !== who.agentId || !this.#isActive(who.agentId)) throw sessionEnded();
    return who;
  }

  listSessions(agentId: string): Omit<Session, 'isCurrent'>[] {
    return this.#sessions
      .listOfAgent(agentId)
      .map(({ id, deviceName, createdAt, lastSeenAt }) => ({ id, deviceName, createdAt, lastSeenAt }));
  }

  revokeSession(agentId: string, sessionId: string): boolean {
    if (this.#sessions.find(sessionId)?.agentId !== agentId) return false;
    this.#sessions.remove(sessionId);
    this.#revoked.publish({ agentId, sessionId });
    return true;
  }

  revokeSessions(agentId: string): number {
    const sessions = this.#sessions.listOfAgent(agentId);
    for (const session of sessions) this.revokeSession(agentId, session.id);
    return sessions.length;
  }

  issueLink(agentId: string, purpose: OneTimePurpose): OneTimeLink {
    this.#requireActive(agentId);
    return this.#oneTimeTokens.issue(agentId, purpose);
  }

  async redeemLink(
    token: string,
    purpose: OneTimePurpose,
    password: string,
  ): Promise<{ agentId: string; email: string }> {
    requireLongEnough(password);
    const agentId = this.#oneTimeTokens.check(token, purpose);
    const hash = await this.#hasher.hash(password);
    const { email } = this.#requireActive(agentId);
    this.#parts.database.transaction(() => {
      this.#oneTimeTokens.spend(token, purpose);
      this.#storePasswordHash(agentId, hash);
    })();
    this.revokeSessions(agentId);
    this.#perEmail.clear(normalizeEmail(email));
    return { agentId, email };
  }

  async setPassword(agentId: string, password: string): Promise<void> {
    requireLongEnough(password);
    const hash = await this.#hasher.hash(password);
    this.#requireActive(agentId);
    this.#storePasswordHash(agentId, hash);
    this.revokeSessions(agentId);
  }

  hasPassword(agentId: string): boolean {
    return this.#readPasswordHash(agentId) !== null;
  }

  onRevoked(listener: (session: SignedInAgent) => void): () => void {
    return this.#revoked.subscribe(listener);
  }

  sweep(): void {
    const before = this.#parts.clock.now() - SESSION_IDLE_MS;
    for (const session of this.#sessions.listIdle(before)) this.revokeSession(session.agentId, session.id);
  }

  close(): void {
    this.#stopWatching();
  }

  async #answer(who: SignedInAgent, refreshToken: string): Promise<SignedIn> {
    const access = await signAccessToken(who, this.#parts.signingKey, this.#parts.clock);
    return { ...access, refreshToken, ...who };
  }

  async #findByEmail(email: string): Promise<Agent | null> {
    const agents = (await this.#parts.eventLog.listRoots('agent')) as Agent[];
    const matches = agents.filter((agent) => normalizeEmail(agent.email) === email);
    // Somebody who left may have had the address that a colleague has now.
    return matches.find((agent) => agent.isActive) ?? matches[0] ?? null;
  }

  #readAgent(agentId: string): Agent | null {
    return this.#parts.eventLog.read<Agent>(subjectRef('agent', agentId)).root();
  }

  #isActive(agentId: string): boolean {
    return this.#readAgent(agentId)?.isActive === true;
  }

  #requireActive(agentId: string): Agent {
    const agent = this.#readAgent(agentId);
    if (agent === null) throw new AppError('not_found', 'There is no such agent.', { reason: 'no-such-agent' });
    if (!agent.isActive) throw inactive();
    return agent;
  }

  #readPasswordHash(agentId: string): string | null {
    const row = this.#parts.database
      .prepare('SELECT password_hash AS passwordHash FROM credential WHERE agent_id = ?')
      .get(agentId) as { passwordHash: string } | undefined;
    return row?.passwordHash ?? null;
  }

  /** Links that were handed out to set a password are over with it: they may lie in the wrong hands. */
  #storePasswordHash(agentId: string, hash: string): void {
    this.#oneTimeTokens.removeOfAgent(agentId);
    this.#parts.database
      .prepare(
        `INSERT INTO credential VALUES (?, ?, ?)
         ON CONFLICT (agent_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at`,
      )
      .run(agentId, hash, this.#parts.clock.now());
  }

  #forgetPassword(agentId: string): void {
    this.#parts.database.prepare('DELETE FROM credential WHERE agent_id = ?').run(agentId);
  }

  async #hashOfNobody(): Promise<string> {
    this.#unknownPersonsHash ??= this.#hasher.hash(makeToken(this.#parts.random));
    try {
      return await this.#unknownPersonsHash;
    } catch (error) {
      // Too many at once, say: the next one tries again.
      this.#unknownPersonsHash = null;
      throw error;
    }
  }
}

/** The form in which two addresses are compared. */
export function normalizeEmail(email: string): string {
  return cleanLine(email).toLowerCase();
}

function requireLongEnough(password: string): void {
  if (password.length >= MIN_PASSWORD_LENGTH) return;
  throw new AppError('invalid', `A password has at least ${MIN_PASSWORD_LENGTH} characters.`, {
    reason: 'password-too-short',
    params: { min: MIN_PASSWORD_LENGTH },
  });
}

function wrong(): AppError {
  return new AppError('unauthenticated', 'E-mail or password is wrong.', { reason: 'wrong-email-or-password' });
}

function inactive(): AppError {
  return new AppError('forbidden', 'This agent was deactivated; an administrator can change that.', {
    reason: 'agent-inactive',
  });
}

function sessionEnded(): AppError {
  return new AppError('unauthenticated', 'This session has ended; sign in again.', { reason: 'session-ended' });
}
