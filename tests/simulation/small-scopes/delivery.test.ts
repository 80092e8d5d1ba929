import { beforeAll, describe, expect, test } from 'vitest';
import type { DeliveryState, Message } from '../../../shared/domain/conversation/message.ts';
import type { Certainty, ChannelAdapter, OutgoingPart } from '../../../src-relay/channels/channel.ts';
import { type DeliveryWorker, createDeliveryWorker } from '../../../src-relay/delivery/delivery-worker.ts';
import type { Delivery } from '../../../src-relay/event-log/delivery-store.ts';
import { send, seqOf } from '../../contract/event-log-fixture.ts';
import { type Behaviour, FakeChannel } from '../../fakes/fake-channel.ts';
import { seededRandom } from '../../fakes/manual-clock.ts';
import type { MemoryLogDisk } from '../stores/memory-log-disk.ts';
import { type Choose, runEveryPath } from './every-path.ts';
import { MortalRelay, seedDisk } from './mortal-relay.ts';

/** Everything that is met with one, two or three troubles; each death, bad answer and unusual webhook is one. */
const TROUBLES = 3;
const RANK: Record<DeliveryState, number> = { queued: 0, unknown: 1, sent: 2, delivered: 3, read: 4, failed: 5 };

const BEHAVIOURS: Behaviour[] = [
  'accept',
  'accept-and-drop',
  'accept-and-hang',
  'lose',
  'break',
  { ok: false, outcome: 'retryable', reason: 'busy' },
  { ok: false, outcome: 'rate-limited', reason: 'too-many', retryAfterMs: 5000 },
  { ok: false, outcome: 'permanent', reason: 'blocked' },
];
/** These tell for sure that the customer was shown nothing. */
const CERTAIN = ['retryable', 'rate-limited', 'permanent'];

type Word = 'delivered' | 'read' | 'failed';
type Webhook = { afterMs: number; state: Word };
/** What the platform says of a part once it is shown, and when; first what costs no trouble. */
const WEBHOOKS: Webhook[][] = [
  [],
  [{ afterMs: 0, state: 'delivered' }],
  [
    { afterMs: 500, state: 'delivered' },
    { afterMs: 600, state: 'delivered' },
  ],
  [
    { afterMs: 500, state: 'read' },
    { afterMs: 600, state: 'delivered' },
  ],
  [{ afterMs: 10 * 60_000, state: 'delivered' }],
  // It was taken, and then could not be delivered; of what arrived nothing of the kind is believed.
  [{ afterMs: 0, state: 'failed' }],
  [{ afterMs: 10 * 60_000, state: 'failed' }],
  [
    { afterMs: 500, state: 'delivered' },
    { afterMs: 4000, state: 'failed' },
  ],
  [
    { afterMs: 500, state: 'failed' },
    { afterMs: 4000, state: 'delivered' },
  ],
];

/** Sends one message of two parts over a channel, through whatever `choose` brings. */
class Scenario {
  readonly #choose: Choose;
  readonly #disk: MemoryLogDisk;
  readonly #channel: FakeChannel;
  readonly #relay: MortalRelay;
  #worker: DeliveryWorker | null = null;
  /** Receipts that the platform could not yet bring to the relay. */
  #untold: { part: OutgoingPart; state: Word }[] = [];
  /** What is known of each part from outside: the truth. */
  readonly #told: (DeliveryState | null)[] = [null, null];
  readonly #calls: { key: string; behaviour: Behaviour }[] = [];
  readonly #mistakes: string[] = [];
  #hasLookedInVain = false;
  #webhooksToCome = 0;

  /** @param claimed what the relay takes the channel for */
  constructor(certainty: Certainty, disk: MemoryLogDisk, choose: Choose, claimed = certainty) {
    this.#choose = choose;
    this.#disk = disk;
    const channel = new FakeChannel(certainty);
    this.#channel = channel;
    channel.behave = (key) => {
      this.#checkBeforeCall(key);
      const behaviour = BEHAVIOURS[choose(`${key} answers`, BEHAVIOURS.length)]!;
      this.#calls.push({ key, behaviour });
      return behaviour;
    };
    channel.behaveFinding = () => {
      const answer = (['answer', 'unknown', 'break'] as const)[choose('looking', 3)]!;
      if (answer !== 'answer') this.#hasLookedInVain = true;
      return answer;
    };
    channel.onShown = (part) => this.#planWebhooks(part);
    const adapter: ChannelAdapter = {
      kind: channel.kind,
      certainty: claimed,
      plan: (message) => channel.plan(message),
      send: (part, key) => channel.send(part, key),
      find: (part, key) => channel.find(part, key),
      start: () => channel.start(),
      stop: () => channel.stop(),
    };
    this.#relay = new MortalRelay({
      disk,
      choose,
      plan: (_kind, message) => channel.plan(message),
      start: (eventLog, clock) => {
        this.#worker = createDeliveryWorker({
          eventLog,
          channels: new Map([[channel.kind, adapter]]),
          clock,
          random: seededRandom(7),
          logger: { error: () => {}, warn: () => {} },
        });
        this.#worker.start();
      },
    });
  }

  async run(): Promise<void> {
    seqOf(await this.#relay.submit(send('a', 'm', { text: 'one|two' })));
    await this.#relay.settle();
    for (let step = 0; step < 200 && this.#isUnderWay; step += 1) {
      await this.#relay.pass(step < 8 ? 3000 : 60_000);
      await this.#bringWebhooks();
    }
    this.#check();
  }

  get #isUnderWay(): boolean {
    const { log } = this.#relay;
    if (log === null || this.#untold.length > 0 || this.#webhooksToCome > 0) return true;
    return log.deliveries.countOpen().size > 0 || log.deliveries.listUnreported(1).length > 0;
  }

  get #parts(): Delivery[] {
    return this.#relay.log!.deliveries.listParts('m');
  }

  #checkBeforeCall(key: string): void {
    const part = Number(key.split(':')[1]);
    const rows = this.#parts;
    if (rows[part]?.state !== 'attempting') this.#mistakes.push(`${key} is called and not stored to be`);
    if (part === 1 && rows[0]?.state !== 'sent')
      this.#mistakes.push('part 1 is called before what part 0 came to is stored');
  }

  async #planWebhooks(part: OutgoingPart): Promise<void> {
    const hooks = WEBHOOKS[this.#choose(`webhooks of part ${part.part}`, WEBHOOKS.length)]!;
    for (const { afterMs, state } of hooks) {
      if (afterMs === 0) {
        this.#untold.push({ part, state });
        await this.#bringWebhooks();
        continue;
      }
      this.#webhooksToCome += 1;
      this.#relay.clock.after(afterMs, () => {
        this.#webhooksToCome -= 1;
        this.#untold.push({ part, state });
      });
    }
  }

  /** The platform says it until a relay has taken it, and lived to say so. */
  async #bringWebhooks(): Promise<void> {
    for (const one of this.#untold.splice(0)) {
      const { part, state } = one;
      const { log } = this.#relay;
      const receipt = { conversationId: part.conversationId, messageIds: ['m'], part: part.part, state, reason: null };
      const isTaken = await this.#worker!.takeReceipt(receipt).then(
        () => true,
        () => false,
      );
      if (!isTaken || log === null || this.#relay.log !== log) {
        this.#untold.push(one);
        continue;
      }
      const known = this.#told[part.part] ?? null;
      // Between what arrived and what failed, the first word of the two counts.
      const isContradiction = known !== null && (known === 'failed') !== (state === 'failed');
      if (known === null || (!isContradiction && RANK[state] > RANK[known])) this.#told[part.part] = state;
    }
  }

  #check(): void {
    expect(this.#isUnderWay).toBe(false);
    expect(this.#mistakes).toEqual([]);
    const shown = this.#channel.shown.map(({ key }) => key);
    expect(['', 'm:0', 'm:0 m:1']).toContain(shown.join(' '));
    const final = this.#finalState();
    const isRefused = this.#calls.some(({ behaviour }) => outcomeOf(behaviour) === 'permanent');
    // What the platform gave up before its answer came takes the rest with it.
    const isGivenUp = this.#told.includes('failed');
    if (this.#channel.certainty === 'keyed' && !isRefused && !isGivenUp) expect(shown.length).toBe(2);

    if (RANK[final] >= RANK.sent && final !== 'failed') {
      expect(shown.length).toBe(2);
      expect(isGivenUp).toBe(false);
      const least = Math.min(...this.#told.map((state) => RANK[state ?? 'sent']));
      expect(RANK[final]).toBe(least);
    } else {
      const lost = this.#parts.find(
        ({ state, receipt }) => receipt === 'failed' || (state !== 'sent' && receipt === null),
      )!;
      if (lost.receipt === 'failed') {
        expect([final, this.#told[lost.part]]).toEqual(['failed', 'failed']);
        return;
      }
      // "Failed" is a word for sure, and "not known" for where nobody could tell.
      if (final === 'failed' && lost.reason !== 'earlier-part-failed') expect(shown).not.toContain(`m:${lost.part}`);
      if (final === 'unknown') expect(this.#mayNotBeKnown(lost.part, isRefused)).toBe(true);
    }
    if (this.#channel.certainty === 'neither') this.#checkNothingAskedAgain();
  }

  #mayNotBeKnown(part: number, isRefused: boolean): boolean {
    switch (this.#channel.certainty) {
      case 'keyed':
        return isRefused;
      case 'findable':
        return this.#hasLookedInVain;
      case 'neither':
        return this.#told[part] === null;
    }
  }

  /** After an attempt of which nobody knows what it did there is no other. */
  #checkNothingAskedAgain(): void {
    for (const [index, { key, behaviour }] of this.#calls.entries()) {
      const isAskedAgain = this.#calls.slice(index + 1).some((later) => later.key === key);
      if (isAskedAgain) expect(CERTAIN).toContain(outcomeOf(behaviour));
    }
  }

  /** What the log says at the end; on the way there it only moved up. */
  #finalState(): DeliveryState {
    const states = this.#reported();
    expect(states.map((state) => RANK[state])).toEqual(states.map((state) => RANK[state]).toSorted((a, b) => a - b));
    const { delivery } = this.#relay.log!.read('conversation:a').item<Message>('message', 'm')!;
    expect(delivery!.state).toBe(states.at(-1));
    return delivery!.state;
  }

  #reported(): DeliveryState[] {
    return this.#disk
      .listEvents(0)
      .flatMap(({ changes }) => changes)
      .filter(({ type }) => type === 'delivery-updated')
      .map(({ data }) => (data as { state: DeliveryState }).state);
  }
}

function outcomeOf(behaviour: Behaviour): string {
  return typeof behaviour === 'object' ? behaviour.outcome : behaviour;
}

describe('one message of two parts', () => {
  let seeded: MemoryLogDisk;
  beforeAll(async () => {
    seeded = await seedDisk();
  });

  test.each(['keyed', 'findable', 'neither'] as const)(
    'SYNC-X1 INV-5 %s: on every path with up to three troubles it is shown at most once, and never called what it is not',
    async (certainty) => {
      const runs = await runEveryPath(TROUBLES, (choose) => new Scenario(certainty, seeded.copy(), choose).run());
      expect(runs).toBeGreaterThan(5000);
    },
    120_000,
  );

  test.each(['keyed', 'findable', 'neither'] as const)(
    'SYNC-L3 INV-5 %s: what was sent after a backup is not sent again when that is restored',
    async (certainty) => {
      const channel = new FakeChannel(certainty);
      const disk = seeded.copy();
      let isRestored = false;
      const relay = new MortalRelay({
        disk,
        choose: () => 0,
        plan: (_kind, message) => channel.plan(message),
        start: (eventLog, clock) => {
          if (isRestored) eventLog.rotateEpoch();
          if (isRestored) eventLog.deliveries.doubtQueued();
          const logger = { error: () => {}, warn: () => {} };
          const channels = new Map([[channel.kind, channel]]);
          createDeliveryWorker({ eventLog, channels, clock, random: seededRandom(7), logger }).start();
        },
      });
      let backup: MemoryLogDisk | null = null;
      const stateOf = (messageId: string): string =>
        relay.log!.read('conversation:a').item<Message>('message', messageId)!.delivery!.state;
      disk.onCommitPoint = (point) => {
        // Before the worker gets to it.
        if (point === 'after-commit') backup ??= disk.copy();
      };
      await relay.submit(send('a', 'm', { text: 'one|two' }));
      await relay.settle();
      await relay.submit(send('a', 'n', { text: 'three' }));
      await relay.settle();
      expect(channel.texts('a')).toEqual(['one', 'two', 'three']);
      expect(backup!.listEvents(0).at(-1)?.changes[0]?.type).toBe('message-sent');

      disk.restore(backup!);
      isRestored = true;
      relay.restart();
      for (let step = 0; step < 60; step += 1) await relay.pass(5000);
      expect(channel.texts('a')).toEqual(['one', 'two', 'three']);
      expect(stateOf('m')).toBe(certainty === 'neither' ? 'unknown' : 'sent');
      await relay.submit(send('a', 'o', { text: 'four' }));
      await relay.settle();
      expect([channel.texts('a').at(-1), stateOf('o')]).toEqual(['four', 'sent']);
    },
  );

  test('the paths find a relay that takes a channel for what it is not', async () => {
    const lie = (certainty: Certainty, claimed: Certainty) =>
      runEveryPath(2, (choose) => new Scenario(certainty, seeded.copy(), choose, claimed).run());
    await expect(lie('neither', 'keyed')).rejects.toThrow('run');
    await expect(lie('keyed', 'neither')).rejects.toThrow('run');
    await expect(lie('findable', 'keyed')).rejects.toThrow('run');
  });
});
