import type { Random } from '../../shared/primitives/clock.ts';
import { type SubjectRef, subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { Frame, LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import type { TextGenerator } from './text-generator.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const EVENTS_PER_FRAME = 20_000;
/** Conversations that go on at the same time. */
const AT_ONCE = 400;
const SHARE_LEFT_OPEN = 0.02;
const SHARE_OF_NAMED = 0.1;

/** Conversations of a size that a benchmark needs to know by name. */
interface NamedConversation {
  id: string;
  messages: number;
}

export interface HistorySpec {
  /** Cursor of the cache that the history continues. */
  afterSeq: number;
  session: string;
  channelId: string;
  queueId: string;
  agentIds: readonly string[];
  /** Epoch ms of the last event. The first is thirty days older. */
  endsAt: number;
  /** Besides those named, and besides the lines about states. */
  messages: number;
  /** Of each conversation that is not named, on average. */
  messagesEach: number;
  named: readonly NamedConversation[];
}

interface Going {
  id: string;
  customerId: string;
  agentId: string;
  left: number;
  isNamed: boolean;
  isStarted: boolean;
  staysOpen: boolean;
}

/**
 * A month of a shop's conversations as frames of a catch-up, for caches that are larger than a relay could be asked for
 * in the time of a benchmark. Some hundred conversations go on at once, customer and agent write in turn, and nearly
 * all are closed in the end.
 */
export function* writeHistory(spec: HistorySpec, random: Random, texts: TextGenerator): Generator<Frame> {
  const writer = new HistoryWriter(spec, random, texts);
  let from = spec.afterSeq;
  for (;;) {
    const events: LoggedEvent[] = [];
    while (events.length < EVENTS_PER_FRAME) {
      const event = writer.next();
      if (event === null) break;
      events.push(event);
    }
    if (events.length === 0) return;
    const to = from + events.length;
    yield { session: spec.session, from, to, leave: [], enter: [], events, isCatchUp: true };
    from = to;
  }
}

class HistoryWriter {
  readonly #spec: HistorySpec;
  readonly #random: Random;
  readonly #texts: TextGenerator;
  readonly #going: Going[] = [];
  readonly #msPerEvent: number;
  readonly #named: NamedConversation[];
  #messagesLeft: number;
  #seq: number;
  #count = 0;

  constructor(spec: HistorySpec, random: Random, texts: TextGenerator) {
    this.#spec = spec;
    this.#random = random;
    this.#texts = texts;
    this.#seq = spec.afterSeq;
    this.#named = [...spec.named];
    this.#messagesLeft = spec.messages;
    const all = spec.messages * (1 + 1 / spec.messagesEach) + spec.named.reduce((sum, one) => sum + one.messages, 0);
    this.#msPerEvent = (30 * DAY_MS) / all;
  }

  /** The next event, or null once everything was written. */
  next(): LoggedEvent | null {
    while (this.#going.length < AT_ONCE) {
      const begun = this.#begin();
      if (begun === null) break;
      this.#going.push(begun);
    }
    if (this.#going.length === 0) return null;
    const index = this.#pick();
    const conversation = this.#going[index]!;
    if (conversation.left > 0) {
      conversation.left -= 1;
      return this.#message(conversation);
    }
    this.#going[index] = this.#going.at(-1)!;
    this.#going.pop();
    return conversation.staysOpen ? this.next() : this.#close(conversation);
  }

  /** Named ones are long: together they get a tenth of the events, so that they do not end alone. */
  #pick(): number {
    if (this.#random.fraction() < SHARE_OF_NAMED) {
      const named = this.#going.flatMap(({ isNamed }, index) => (isNamed ? [index] : []));
      if (named.length > 0) return named[Math.floor(this.#random.fraction() * named.length)]!;
    }
    return Math.floor(this.#random.fraction() * this.#going.length);
  }

  #begin(): Going | null {
    const named = this.#named.shift();
    if (named === undefined && this.#messagesLeft <= 0) return null;
    this.#count += 1;
    const { messagesEach, agentIds } = this.#spec;
    const drawn = 1 + Math.floor(-Math.log(1 - this.#random.fraction()) * messagesEach);
    const left = named?.messages ?? Math.min(this.#messagesLeft, drawn);
    if (named === undefined) this.#messagesLeft -= left;
    return {
      id: named?.id ?? this.#makeId(this.#at(this.#seq)),
      customerId: this.#makeId(this.#at(this.#seq)),
      agentId: agentIds[this.#count % agentIds.length]!,
      left,
      isNamed: named !== undefined,
      isStarted: false,
      staysOpen: named !== undefined || this.#random.fraction() < SHARE_LEFT_OPEN,
    };
  }

  #message(conversation: Going): LoggedEvent {
    const { channelId, queueId } = this.#spec;
    const subject = subjectRef('conversation', conversation.id);
    const seq = this.#seq + 1;
    const { agentId } = conversation;
    const at = this.#at(seq);
    const written = { messageId: this.#makeId(at), text: this.#texts.message(), attachments: [], writtenAt: at };
    const changes: Omit<LoggedEvent['changes'][number], 'index' | 'v'>[] = [];
    if (!conversation.isStarted) {
      conversation.isStarted = true;
      const { customerId } = conversation;
      const identity = { channelId, externalId: customerId, isVerified: false };
      const profile = { name: this.#texts.name() };
      changes.push(
        { subject: subjectRef('customer', customerId), type: 'customer-seen', data: { identity, profile, seenAt: at } },
        {
          subject,
          type: 'conversation-started',
          data: {
            channelId,
            customerId,
            queueId,
            subjectLine: null,
            answers: [],
            language: 'vi',
            previousConversationId: null,
          },
        },
      );
    }
    const isReply = changes.length === 0 && this.#random.fraction() < 0.5;
    changes.push(
      isReply
        ? { subject, type: 'message-sent', data: { ...written, agentId, cannedReplyId: null, claim: null } }
        : {
            subject,
            type: 'message-received',
            data: { ...written, customerId: conversation.customerId, assigneeId: agentId },
          },
    );
    return this.#event(changes, isReply ? `agent:${agentId}` : `channel:${channelId}`, at);
  }

  #close({ id, agentId }: Going): LoggedEvent {
    const at = this.#at(this.#seq + 1);
    const data = { state: 'closed', previousState: 'open', snoozedUntil: null };
    const change = { subject: subjectRef('conversation', id), type: 'conversation-state-changed', data };
    return this.#event([change], `agent:${agentId}`, at);
  }

  #event(
    changes: { subject: SubjectRef; type: string; data?: unknown }[],
    actor: LoggedEvent['actor'],
    at: number,
  ): LoggedEvent {
    this.#seq += 1;
    return {
      seq: this.#seq,
      at,
      actor,
      commandId: this.#makeId(at),
      changes: changes.map((change, index) => ({ index, v: 1, ...change })),
    } as LoggedEvent;
  }

  /** Ids begin with their time, as those of consoles and channels do. */
  #makeId(at: number): string {
    return makeUuidV7(at, this.#random.bytes(10));
  }

  #at(seq: number): number {
    const { endsAt, afterSeq } = this.#spec;
    return Math.min(endsAt, Math.floor(endsAt - 30 * DAY_MS + (seq - afterSeq) * this.#msPerEvent));
  }
}
