import { type ErrorBody, makeErrorBody } from '../../shared/errors.ts';
import { type SubjectRef, subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Ephemeral } from '../../shared/domain/presence/ephemeral.ts';
import { isCredit } from '../../shared/relay-protocol/quick-check.ts';
import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from '../../shared/relay-protocol/protocol-version.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import { type Held, type Hello, type ToRelay, toRelay } from '../../shared/relay-protocol/to-relay.ts';
import type { EventLog, Submitter } from '../event-log/event-log.ts';
import type { AgentConnection } from './agent-connection.ts';
import type { AgentHub } from './agent-hub.ts';
import { AgentSession } from './agent-session.ts';
import { CATCH_UP_CREDIT, CatchUpFlow } from './catch-up-flow.ts';
import { FRAME_LIMITS } from './frame-writer.ts';
import { HeldView } from './held-view.ts';
import type { PresenceEphemeral } from './presence.ts';
import { readSubmit } from './read-submit.ts';
import { SessionCredits } from './session-credits.ts';
import { chooseHeldSince, chooseMode, heldSinceAt, isHoldingDefault, planReset, planTail } from './session-start.ts';
import { ShownActivity } from './shown-activity.ts';
import { submitCommands } from './submit-commands.ts';
import { TokenBucket } from './token-bucket.ts';
import { answerWant } from './answer-want.ts';

const HELLO_WITHIN_MS = 15_000;
/** Commands of one console that may be under way (SYNC-O2). */
const LANES = 8;
/** How long a console may read its cache without word from here (SYNC-V3). */
const LEASE_MS = 72 * 60 * 60 * 1000;
const MAX_HELD_IDS = 1_000_000;
const MAX_EARLY = 200;
const SUPERSEDED_AFTER_MS = 10_000;
const OLDER_COPY = ': a backup was put back without the restore command';

interface Greeting {
  hello: Hello;
  protocol: number;
  held: Set<SubjectRef>;
  heldSince: number;
  /** What was said before the last of the ids; done once the session begins. */
  early: { name: string; said: ToRelay[keyof ToRelay] }[];
}

/** One console behind one connection: checks what it says and keeps its session (SYNC-D1). */
export class AgentPeer {
  readonly agentId: string;
  /** The sign-in behind the access token; revoking it ends the connection. */
  readonly signInId: string;
  readonly connection: AgentConnection;
  /** As whom its commands are executed. */
  readonly submitter: Submitter;
  readonly #hub: AgentHub;
  readonly #commands: TokenBucket;
  readonly #ephemerals: TokenBucket;
  readonly #wants: TokenBucket;
  /** Each reads up to a thousand results. */
  readonly #lookUps: TokenBucket;
  /** Each walks over every subject. */
  readonly #hellos: TokenBucket;
  readonly #cancelHelloDeadline: () => void;
  /** What its agent does in conversations, as the others were told. */
  readonly activity = new ShownActivity();
  #device: string | null = null;
  #session: AgentSession | null = null;
  /** A hello whose held ids are still coming. */
  #greeting: Greeting | null = null;
  #isEnded = false;

  constructor(hub: AgentHub, connection: AgentConnection, identity: { agentId: string; sessionId: string }) {
    this.#hub = hub;
    this.connection = connection;
    this.agentId = identity.agentId;
    this.signInId = identity.sessionId;
    this.submitter = { kind: 'agent', agentId: identity.agentId };
    this.#commands = new TokenBucket(hub.parts.clock, 20, 200);
    this.#ephemerals = new TokenBucket(hub.parts.clock, 20, 60);
    this.#wants = new TokenBucket(hub.parts.clock, 50, 200);
    this.#lookUps = new TokenBucket(hub.parts.clock, 2, 20);
    this.#hellos = new TokenBucket(hub.parts.clock, 0.5, 20);
    this.#cancelHelloDeadline = hub.parts.clock.after(HELLO_WITHIN_MS, () =>
      this.end(0, makeErrorBody('invalid', 'relay', 'Say hello first.', { reason: 'hello-missing' })),
    );
  }

  get device(): string | null {
    return this.#device;
  }

  get session(): AgentSession | null {
    return this.#session;
  }

  /** A message by its name on the wire. What breaks its schema ends the connection; unknown names are ignored. */
  receive(name: string, message: unknown): void {
    if (this.#isEnded || !Object.hasOwn(toRelay, name)) return;
    const known = name === 'submit' ? readSubmit(message) : name === 'credit' && isCredit(message) ? message : null;
    if (known !== null) {
      this.#receiveInSession(name, known);
      return;
    }
    const parsed = toRelay[name as keyof ToRelay].safeParse(message);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const where = [name, ...(issue?.path ?? [])].join('.');
      this.#hub.parts.logger.warn({ agentId: this.agentId, where, code: issue?.code }, 'malformed message');
      this.end(0, makeErrorBody('invalid', 'relay', `Malformed message at ${where}.`, { reason: 'malformed-message' }));
      return;
    }
    const said = parsed.data as ToRelay[keyof ToRelay];
    if (name === 'hello') this.#hello(said as Hello);
    else if (name === 'held') this.#held(said as Held);
    else this.#receiveInSession(name, said);
  }

  /** @param lists the same as one message, for consoles that know it */
  sendPresences(presences: readonly PresenceEphemeral[], lists: FromRelay['presences']): void {
    if (this.#session === null) return;
    if (this.#session.protocol >= 2) this.connection.send('presences', lists);
    else for (const ephemeral of presences) this.connection.send('ephemeral', { ephemeral });
  }

  /** The connection is gone, whoever ended it. */
  closed(): void {
    this.#isEnded = true;
    this.#cancelHelloDeadline();
    this.#closeSession();
    this.#hub.left(this);
  }

  /** Says `bye` and ends the connection. */
  end(afterMs: number, error: ErrorBody | null): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.connection.end(afterMs, error);
    this.closed();
  }

  #receiveInSession(name: string, message: ToRelay[keyof ToRelay]): void {
    const { session: sessionId } = message as { session: string };
    if (this.#greeting !== null && sessionId === this.#greeting.hello.session) {
      this.#keepForLater(this.#greeting, name, message);
      return;
    }
    const session = this.#session;
    // What was said before the last hello is answered by nobody (SYNC-D2).
    if (session === null || sessionId !== session.id) return;
    switch (name as Exclude<keyof ToRelay, 'hello' | 'held'>) {
      case 'credit':
        session.credit((message as ToRelay['credit']).heldMs);
        return;
      case 'submit':
        this.#hub.track(this, submitCommands(this, session, message as ToRelay['submit'], this.#commands, this.#hub));
        return;
      case 'want':
        this.#hub.track(this, answerWant(this, session, message as ToRelay['want'], this.#wants, this.#hub));
        return;
      case 'lookUp':
        this.#hub.track(this, this.#lookUp(session, message as ToRelay['lookUp']));
        return;
      case 'ephemeral':
        if (this.#ephemerals.take() === 0) this.#ephemeral(session, (message as ToRelay['ephemeral']).ephemeral);
    }
  }

  #keepForLater({ early }: Greeting, name: string, said: ToRelay[keyof ToRelay]): void {
    early.push({ name, said });
    if (early.length <= MAX_EARLY) return;
    const error = makeErrorBody('invalid', 'relay', 'Too much was said before the held ids.', {
      reason: 'malformed-message',
    });
    this.end(0, error);
  }

  #hello(hello: Hello): void {
    this.#cancelHelloDeadline();
    this.#closeSession();
    const retryAfterMs = this.#hellos.take();
    if (retryAfterMs > 0) {
      this.end(
        retryAfterMs,
        makeErrorBody('retry', 'relay', 'Too many hellos; connect again later.', { retryAfterMs }),
      );
      return;
    }
    const { eventLog, clock, logger } = this.#hub.parts;
    const [oldest, newest] = hello.protocol;
    const protocol = Math.min(newest, PROTOCOL_VERSION);
    if (protocol < oldest || protocol < OLDEST_PROTOCOL_VERSION) {
      const reason = newest < OLDEST_PROTOCOL_VERSION ? 'console-too-old' : 'relay-too-old';
      this.end(0, makeErrorBody('incompatible', 'relay', 'The versions do not fit together; update.', { reason }));
      return;
    }
    const access = this.#hub.readAccess(this.agentId);
    if (access === null) {
      this.end(
        0,
        makeErrorBody('unauthenticated', 'relay', 'You are not an agent here.', { reason: 'agent-inactive' }),
      );
      return;
    }
    this.#hub.supersede(this, hello.device, SUPERSEDED_AFTER_MS);
    this.#device = hello.device;

    const { index } = this.#hub;
    const oddity = oddityOf(hello, eventLog, index.head);
    if (oddity !== null) {
      const { epoch, cursor } = hello;
      logger.error({ agentId: this.agentId, epoch, cursor, head: index.head }, oddity);
      if (!this.#hub.startNewLineage()) {
        this.end(2000, makeErrorBody('retry', 'relay', 'The relay cannot write now.', { retryAfterMs: 2000 }));
        return;
      }
    }
    const log = { epoch: eventLog.epoch, head: index.head, floor: eventLog.floor() };
    const mode = chooseMode(hello, log, index, access);
    const now = clock.now();
    const heldSince = mode === 'tail' ? chooseHeldSince(hello, now) : heldSinceAt(now);
    const needHeld = mode === 'tail' && !isHoldingDefault(hello, index, access);
    const ackedN = eventLog.readAckedN(hello.device);
    if (hello.ackedN > ackedN) eventLog.raiseAckedN(hello.device, this.agentId, hello.ackedN);
    this.connection.send('welcome', {
      session: hello.session,
      protocol,
      ...log,
      mode,
      serverNow: now,
      needHeld,
      heldSince,
      agentId: this.agentId,
      ackedN,
      limits: { credit: CATCH_UP_CREDIT, lanes: LANES, ...(protocol >= 2 ? { leaseMs: LEASE_MS } : {}) },
      ...(protocol >= 2 ? { lineages: [...eventLog.lineages()] } : {}),
    });
    if (needHeld) this.#greeting = { hello, protocol, held: new Set(), heldSince, early: [] };
    else this.#start({ hello, protocol, heldSince }, mode, null);
  }

  #held(message: Held): void {
    const greeting = this.#greeting;
    if (greeting === null || message.session !== greeting.hello.session) return;
    for (const id of message.ids) greeting.held.add(subjectRef(message.kind, id));
    if (greeting.held.size > MAX_HELD_IDS) {
      this.end(0, makeErrorBody('invalid', 'relay', 'Too many held ids.', { reason: 'malformed-message' }));
    } else if (message.isLast) {
      this.#start(greeting, 'tail', greeting.held);
      for (const { name, said } of greeting.early) this.#receiveInSession(name, said);
    }
  }

  #start(
    { hello, protocol, heldSince }: Pick<Greeting, 'hello' | 'protocol' | 'heldSince'>,
    mode: 'tail' | 'reset',
    held: ReadonlySet<SubjectRef> | null,
  ): void {
    this.#greeting = null;
    const access = this.#hub.readAccess(this.agentId);
    if (access === null) return;
    const { index, recent } = this.#hub;
    const { eventLog, clock, logger } = this.#hub.parts;
    const view = new HeldView(access, heldSince);
    const credits = new SessionCredits(clock);
    const session = new AgentSession({
      id: hello.session,
      protocol,
      connection: this.connection,
      view,
      flow: new CatchUpFlow(clock, this.#hub, credits),
      credits,
      index,
      recent,
      eventLog,
      clock,
      limits: this.#hub.parts.frameLimits ?? FRAME_LIMITS,
      fail: (error) => {
        logger.error({ err: error, agentId: this.agentId }, 'a session could not go on');
        this.end(1000, makeErrorBody('retry', 'relay', 'Connect again.', { retryAfterMs: 1000 }));
      },
    });
    this.#session = session;
    this.#hub.joined(this);
    if (mode === 'reset') {
      session.startReset(planReset(view, index));
    } else {
      planTail(view, index, hello, held);
      session.startTail(hello.cursor);
    }
  }

  async #lookUp(session: AgentSession, { id, commandIds }: ToRelay['lookUp']): Promise<void> {
    const retryAfterMs = this.#lookUps.take();
    if (retryAfterMs > 0) {
      const details = { retryAfterMs, reason: 'too-many' };
      const error = makeErrorBody('rate_limited', 'relay', 'Too many requests at once.', details);
      this.connection.send('lookedUp', { session: session.id, id, answer: { ok: false, error } });
      return;
    }
    const results = await this.#hub.parts.eventLog.findResults(commandIds);
    if (session.isClosed) return;
    this.connection.send('lookedUp', { session: session.id, id, answer: { ok: true, results } });
  }

  #ephemeral(session: AgentSession, ephemeral: Ephemeral): void {
    if (ephemeral.kind === 'presence') {
      if (ephemeral.agentId === this.agentId) this.#hub.presence.set(this.agentId, this, ephemeral.status);
      return;
    }
    const isOwn =
      ephemeral.kind === 'typing'
        ? ephemeral.by.kind === 'agent' && ephemeral.by.id === this.agentId
        : ephemeral.agentId === this.agentId;
    const subject = subjectRef('conversation', ephemeral.conversationId);
    if (!isOwn || !session.view.holds(subject, this.#hub.index.get(subject))) return;
    this.activity.note(ephemeral);
    this.#hub.publishActivity(ephemeral, this);
  }

  #closeSession(): void {
    this.#greeting = null;
    this.#session?.close();
    this.#session = null;
    this.#hub.withdraw(this.activity.takeBack(), this);
  }
}

/** What a console knows that this log cannot have told it; null when there is nothing of the kind. */
function oddityOf({ epoch, cursor, device, newest }: Hello, log: EventLog, head: number): string | null {
  if (epoch === null) return null;
  if (epoch !== log.epoch) {
    const isKnown = log.lineages().some((lineage) => lineage.epoch === epoch);
    return isKnown ? null : `a console knows a history that is none of this log’s${OLDER_COPY}, or this is another log`;
  }
  if (cursor > head) return `a console is ahead of the log${OLDER_COPY}`;
  const isOther = newest !== undefined && !log.mayHaveAcknowledged(device, newest);
  return isOther ? `a console has a result that this log did not give${OLDER_COPY}` : null;
}
