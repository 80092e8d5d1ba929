import type { Logger } from 'pino';
import { type Agent, accessOf } from '../../shared/domain/agent/agent.ts';
import type { AgentAccess } from '../../shared/domain/agent/agent-access.ts';
import { type ErrorBody, makeErrorBody } from '../../shared/errors.ts';
import { type SubjectRef, subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import type { Ephemeral } from '../../shared/domain/presence/ephemeral.ts';
import type { Commit, EventLog } from '../event-log/event-log.ts';
import { erasedIn, tellsOfErasure } from '../event-log/tells-of-erasure.ts';
import type { AgentConnection } from './agent-connection.ts';
import { AgentPeer } from './agent-peer.ts';
import { CatchUpSlots } from './catch-up-slots.ts';
import { CatchUpTurns } from './catch-up-turns.ts';
import type { FrameLimits } from './frame-writer.ts';
import { Presence, type PresenceEphemeral, inLists } from './presence.ts';
import { RecentEvents } from './recent-events.ts';
import { RootIndex } from './root-index.ts';
import type { Activity } from './shown-activity.ts';
import { DIGESTS_PER_TICK, SubjectDigests } from './subject-digests.ts';

const TICK_MS = 20_000;
/** Under load, what is committed within this time goes out together (SYNC-N3). */
const COALESCE_MS = 10;
/** Consoles that are served before commands that came meanwhile get their turn. */
const CONSOLES_PER_TURN = 50;
/** Each goes to every console that holds the conversation. */
const WITHDRAWN_PER_TURN = 10;
/** Sending begins again only after as much time for everything else as it took. */
const SENDING_SHARE = 0.5;
const CATCH_UPS_AT_ONCE = 8;
/** Consoles that come back per second after a planned stop (SYNC-N1). */
const RETURNS_PER_SECOND = 500;

export interface HubParts {
  eventLog: EventLog;
  clock: Clock;
  random: Random;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Typing of agents that their customer may see. */
  showToCustomer(ephemeral: Ephemeral): void;
  /** Smaller ones let a simulation meet what real ones meet under load. */
  frameLimits?: FrameLimits;
  /** Subjects that are compared at each tick, for all consoles together; fewer where all of a workspace would be. */
  digestsPerTick?: number;
  /** How long a commit took until it was handed to every console it concerns, in ms. */
  observeFanOut(milliseconds: number): void;
  /** What waits to be sent may have been sent in a history that the log lost (SYNC-X1). @throws when it cannot be noted */
  doubtDeliveries(): void;
}

/** All consoles and what they share. It knows nothing of what carries a connection. */
export class AgentHub {
  readonly parts: HubParts;
  readonly index = new RootIndex();
  readonly recent: RecentEvents;
  readonly slots = new CatchUpSlots(CATCH_UPS_AT_ONCE);
  readonly turns: CatchUpTurns;
  readonly presence: Presence;
  readonly #digests: SubjectDigests;
  readonly #peers = new Set<AgentPeer>();
  readonly #byDevice = new Map<string, AgentPeer>();
  /** What consoles that are gone showed, and nobody has been told yet. */
  readonly #withdrawn: { activity: Activity; from: AgentPeer }[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #stops: (() => void)[] = [];
  #cancelTick: () => void = () => {};
  #isFlushPlanned = false;
  #isFlushing = false;
  #nextFlushAt = Number.NEGATIVE_INFINITY;
  /** When the first commit came that the flush under way may have missed. */
  #unsentSince: number | null = null;
  #isClosing = false;
  #hasNewLineage = false;

  private constructor(parts: HubParts) {
    this.parts = parts;
    this.recent = new RecentEvents(parts.eventLog);
    this.turns = new CatchUpTurns(parts.clock);
    this.#digests = new SubjectDigests({
      ...{ eventLog: parts.eventLog, index: this.index, clock: parts.clock },
      perTick: parts.digestsPerTick ?? DIGESTS_PER_TICK,
    });
    this.presence = new Presence(parts.clock, (presences) => this.#publishPresences(presences));
  }

  /** Reads what it needs to know of every subject, then follows the log. */
  static async open(parts: HubParts): Promise<AgentHub> {
    const hub = new AgentHub(parts);
    const deletedMeanwhile = new Set<SubjectRef>();
    let isLoading = true;
    hub.#stops.push(
      parts.eventLog.onCommit((commit) => {
        if (isLoading) {
          for (const [subject, { after }] of commit.touched) {
            if (after === null) deletedMeanwhile.add(subject);
            else deletedMeanwhile.delete(subject);
          }
        }
        hub.#onCommit(commit);
      }),
    );
    await hub.index.load(parts.eventLog, (subject) => deletedMeanwhile.has(subject));
    isLoading = false;
    await hub.recent.load();
    hub.#scheduleTick();
    return hub;
  }

  /** A console came, signed in as `identity`. Its messages go to the peer's `receive`, its end to `closed`. */
  connect(connection: AgentConnection, identity: { agentId: string; sessionId: string }): AgentPeer {
    const peer = new AgentPeer(this, connection, identity);
    this.#peers.add(peer);
    return peer;
  }

  /** The agent's access as the log has it; null for somebody who is no agent, or no longer. */
  readAccess(agentId: string): AgentAccess | null {
    const agent = this.parts.eventLog.read<Agent>(subjectRef('agent', agentId)).root();
    return agent === null || !agent.isActive ? null : accessOf(agent);
  }

  /** A session began. */
  joined(peer: AgentPeer): void {
    this.presence.joined(peer.agentId, peer);
    const { presences, lists } = this.presence.list();
    peer.sendPresences(presences, lists);
  }

  left(peer: AgentPeer): void {
    this.#peers.delete(peer);
    // The same device may be back on another connection already: only what is this peer's own is taken down.
    if (peer.device !== null && this.#byDevice.get(peer.device) === peer) this.#byDevice.delete(peer.device);
    this.presence.left(peer.agentId, peer);
  }

  /** A device has one connection: the newest (SYNC-D1, SYNC-D2). */
  supersede(peer: AgentPeer, device: string, afterMs: number): void {
    const previous = this.#byDevice.get(device);
    this.#byDevice.set(device, peer);
    if (previous === undefined || previous === peer) return;
    const isTold = (previous.session?.protocol ?? 1) >= 2;
    const error = makeErrorBody('retry', 'relay', 'This device has another connection.', { reason: 'superseded' });
    previous.end(afterMs, isTold ? error : null);
  }

  /** Work for a peer that a planned stop waits for. */
  track(peer: AgentPeer, work: Promise<void>): void {
    const guarded: Promise<void> = work.then(
      () => void this.#underWay.delete(guarded),
      (error: unknown) => {
        this.#underWay.delete(guarded);
        this.parts.logger.error({ err: error, agentId: peer.agentId }, 'a request could not be answered');
        peer.end(1000, makeErrorBody('retry', 'relay', 'Connect again.', { retryAfterMs: 1000 }));
      },
    );
    this.#underWay.add(guarded);
  }

  /** Typing and looking, to every console that holds the conversation but for the one it came from (SYNC-E1). */
  publishActivity(ephemeral: Activity, from: AgentPeer | null): void {
    const subject = subjectRef('conversation', ephemeral.conversationId);
    const root = this.index.get(subject);
    for (const peer of this.#peers) {
      if (peer === from || peer.session === null || !peer.session.view.holds(subject, root)) continue;
      peer.connection.sendVolatile('ephemeral', { ephemeral });
    }
    if (from !== null && ephemeral.kind === 'typing' && !ephemeral.isNote) this.parts.showToCustomer(ephemeral);
  }

  /**
   * Ends what a console showed, whose session is over: at once, since it would run out only much later. Some a turn, as
   * whole offices are cut off together.
   */
  withdraw(ended: readonly Activity[], from: AgentPeer): void {
    if (ended.length === 0 || this.#isClosing) return;
    const isFirst = this.#withdrawn.length === 0;
    for (const activity of ended) this.#withdrawn.push({ activity, from });
    if (isFirst) this.parts.clock.after(0, () => this.#publishWithdrawn());
  }

  #publishWithdrawn(): void {
    for (const { activity, from } of this.#withdrawn.splice(0, WITHDRAWN_PER_TURN)) {
      // The agent may have come back, or look at it on another machine.
      const isGoingOn = [...this.#peers].some((peer) => peer.agentId === from.agentId && peer.activity.shows(activity));
      if (!isGoingOn) this.publishActivity(activity, from);
    }
    if (this.#withdrawn.length > 0) this.parts.clock.after(0, () => this.#publishWithdrawn());
  }

  #publishPresences(presences: readonly PresenceEphemeral[]): void {
    const lists = inLists(presences);
    this.#inTurns([...this.#peers], (peer) => peer.sendPresences(presences, lists));
  }

  /** Whether an agent who serves the queue has a console open and is available. */
  isStaffed(queueId: string): boolean {
    for (const peer of this.#peers) {
      const isServing = peer.session?.view.access.queueIds.includes(queueId) ?? false;
      if (isServing && this.presence.isAvailable(peer.agentId)) return true;
    }
    return false;
  }

  /** Consoles with a session. */
  countSessions(): number {
    return [...this.#peers].filter((peer) => peer.session !== null).length;
  }

  /** Ends what belongs to a revoked sign-in, or to an agent. */
  revoke(revoked: { sessionId?: string; agentId?: string }): void {
    const error = makeErrorBody('unauthenticated', 'relay', 'This sign-in was ended; sign in again.', {
      reason: 'session-revoked',
    });
    this.#endWhere(
      (peer) =>
        (revoked.sessionId ?? peer.signInId) === peer.signInId && (revoked.agentId ?? peer.agentId) === peer.agentId,
      error,
    );
  }

  /**
   * A console knows what this log cannot have told it, so the log is an older copy of itself: what it hands out from now on
   * is another history, and nobody may go on from a cursor of the old one (SYNC-L3). Nor does it say that any of it is
   * shared: since it was put back others may have written to it, and it may have been started anew since. What a console
   * has results of is looked up, then (SYNC-O6). Done once per start of the relay: a file cannot be put back under a running
   * one, and no console is to reset the others at will.
   * @returns false when it cannot be written now; the console is to come again
   */
  startNewLineage(): boolean {
    if (this.#hasNewLineage) return true;
    try {
      // First: with the new name no console is ahead any more, and nobody would come back to it.
      this.parts.doubtDeliveries();
      this.parts.eventLog.rotateEpoch(0);
    } catch (error) {
      this.parts.logger.error({ err: error }, 'the log could not be given a new lineage');
      return false;
    }
    this.#hasNewLineage = true;
    const error = makeErrorBody('retry', 'relay', 'The relay was restored; connect again.', { retryAfterMs: 500 });
    this.#endWhere((peer) => peer.session !== null, error, 500);
    return true;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Answers what is under way, then sends everyone away, to come back spread over a while. */
  async close(): Promise<void> {
    this.#isClosing = true;
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    for (const stop of this.#stops) stop();
    this.#cancelTick();
    const spreadMs = Math.max(1000, (this.#peers.size / RETURNS_PER_SECOND) * 1000);
    for (const peer of [...this.#peers]) peer.end(Math.round(spreadMs * (0.5 + this.parts.random.fraction())), null);
    this.presence.close();
  }

  #endWhere(matches: (peer: AgentPeer) => boolean, error: ErrorBody, afterMs = 0): void {
    for (const peer of [...this.#peers]) if (matches(peer)) peer.end(afterMs, error);
  }

  #onCommit(commit: Commit): void {
    this.index.apply(commit);
    // Events of before were rewritten.
    const erased = tellsOfErasure(commit) ? erasedIn(commit) : null;
    if (erased !== null) this.recent.forget();
    this.recent.push(commit.events);
    const accessByAgent = new Map<string, AgentAccess | null>();
    for (const [subject, { before, after }] of commit.touched) {
      if (!subject.startsWith('agent:')) continue;
      const agent = after as Agent | null;
      const access = agent === null || !agent.isActive ? null : accessOf(agent);
      if (access === null || !isSameAccess(access, before as Agent | null)) accessByAgent.set(subject.slice(6), access);
    }
    for (const peer of [...this.#peers]) {
      const access = accessByAgent.get(peer.agentId);
      if (access === null) {
        const reason = 'agent-inactive';
        peer.end(0, makeErrorBody('unauthenticated', 'relay', 'This agent is no longer active.', { reason }));
      } else peer.session?.apply(commit, access ?? null);
      if (erased !== null) peer.session?.forget(erased);
    }
    this.flushSoon();
  }

  /** Sends every console what it lacks: at once, or with others under load. */
  flushSoon(): void {
    if (this.#isFlushPlanned) return;
    const { clock } = this.parts;
    const now = clock.monotonic();
    if (this.#isFlushing) {
      this.#unsentSince ??= now;
      return;
    }
    this.#isFlushPlanned = true;
    this.#afterCommands(Math.max(0, this.#nextFlushAt - now), () => {
      this.#isFlushPlanned = false;
      this.#isFlushing = true;
      this.#flush([...this.#peers], { unsentSince: now, startedAt: clock.monotonic() });
    });
  }

  /** Sends every console what it lacks, some consoles a turn: a command does not wait for all of them. */
  #flush(peers: AgentPeer[], times: { unsentSince: number; startedAt: number }): void {
    const { clock } = this.parts;
    for (const peer of peers.splice(0, CONSOLES_PER_TURN)) peer.session?.advance();
    if (peers.length > 0) {
      this.#afterCommands(0, () => this.#flush(peers, times));
      return;
    }
    const now = clock.monotonic();
    this.parts.observeFanOut(now - times.unsentSince);
    this.#nextFlushAt = times.startedAt + Math.max(COALESCE_MS, (now - times.startedAt) / SENDING_SHARE);
    this.#isFlushing = false;
    // Consoles that had their turn already lack what was committed since.
    if (this.#unsentSince !== null) this.flushSoon();
    this.#unsentSince = null;
  }

  /**
   * Runs a part of the sending. Commands that came in the same turn are committed and answered before it, and do not wait
   * for it; those that come then do, or under load nobody would be sent anything.
   */
  #afterCommands(delayMs: number, send: () => void): void {
    const { clock, eventLog } = this.parts;
    clock.after(delayMs, () => {
      if (eventLog.commitWaiting()) clock.after(0, send);
      else send();
    });
  }

  /** Some consoles a turn, and everything else in between. */
  #inTurns(peers: AgentPeer[], visit: (peer: AgentPeer) => void): void {
    for (const peer of peers.splice(0, CONSOLES_PER_TURN)) visit(peer);
    if (peers.length > 0) this.parts.clock.after(0, () => this.#inTurns(peers, visit));
  }

  #scheduleTick(): void {
    this.#cancelTick = this.parts.clock.after(TICK_MS, () => {
      this.#scheduleTick();
      const { head } = this.index;
      const serverNow = this.parts.clock.now();
      this.#inTurns([...this.#peers], ({ session, connection }) => {
        if (session === null) return;
        session.advance(head);
        const { still } = session;
        connection.send('tick', { session: session.id, head, serverNow, ...(still > 0 ? { still } : {}) });
      });
      this.#sendDigests().catch((error: unknown) => {
        this.parts.logger.warn({ err: error }, 'digests could not be read');
      });
    });
  }

  async #sendDigests(): Promise<void> {
    if (this.countSessions() === 0) return;
    await this.#digests.read();
    this.#inTurns([...this.#peers], ({ session, connection }) => {
      if (session === null || session.protocol < 2 || session.isCatchingUp) return;
      const subjects = this.#digests.for(session);
      if (subjects.length > 0) connection.send('digests', { session: session.id, subjects });
    });
  }
}

function isSameAccess(access: AgentAccess, before: Agent | null): boolean {
  return (
    before !== null &&
    before.isActive &&
    before.role === access.role &&
    before.queueIds.length === access.queueIds.length &&
    before.queueIds.every((queueId) => access.queueIds.includes(queueId))
  );
}
