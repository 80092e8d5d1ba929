import type { Certainty, ChannelAdapter, OutgoingPart, SendResult } from '../../src-relay/channels/channel.ts';

/** What the platform does with one call. */
export type Behaviour =
  | 'accept'
  /** Takes it, and the answer is lost. */
  | 'accept-and-drop'
  /** Takes it, and the connection hangs for good. */
  | 'accept-and-hang'
  /** The call is lost on its way. */
  | 'lose'
  | 'break'
  | Extract<SendResult, { ok: false }>;

/** A channel of any certainty, whose platform lives on while relays come and go. */
export class FakeChannel implements ChannelAdapter {
  readonly kind = 'web-chat';
  readonly certainty: Certainty;
  /** Everything the customer was shown, in order. */
  readonly shown: { key: string; part: OutgoingPart }[] = [];
  /** Keys of all calls, in order. */
  readonly calls: string[] = [];
  behave: (key: string) => Behaviour = () => 'accept';
  behaveFinding: () => 'answer' | 'unknown' | 'break' = () => 'answer';
  /** Called when the customer is shown a part, before the platform answers. */
  onShown: (part: OutgoingPart, key: string) => Promise<void> = () => Promise.resolve();
  /** Set to hold calls back; call it to let them go on. */
  gate: Promise<void> | null = null;

  constructor(certainty: Certainty) {
    this.certainty = certainty;
  }

  plan(message: { text: string; attachments: OutgoingPart['attachments'] }) {
    return message.text.split('|').map((text) => ({ text, attachments: [] }));
  }

  async send(part: OutgoingPart, key: string): Promise<SendResult> {
    this.calls.push(key);
    await this.gate;
    const behaviour = this.behave(key);
    if (typeof behaviour === 'object') return behaviour;
    if (behaviour === 'break') throw new Error('connection refused');
    if (behaviour === 'lose') return { ok: false, outcome: 'unknown-outcome', reason: 'timeout' };
    const isRepetition = this.certainty === 'keyed' && this.shown.some((one) => one.key === key);
    if (!isRepetition) {
      this.shown.push({ key, part });
      await this.onShown(part, key);
    }
    if (behaviour === 'accept-and-hang') return new Promise(() => {});
    if (behaviour === 'accept-and-drop') return { ok: false, outcome: 'unknown-outcome', reason: 'timeout' };
    return { ok: true, externalId: `platform-${key}` };
  }

  async find(_part: OutgoingPart, key: string): Promise<'sent' | 'not-sent' | 'unknown'> {
    const behaviour = this.behaveFinding();
    if (behaviour === 'break') throw new Error('connection refused');
    if (behaviour === 'unknown') return 'unknown';
    return this.shown.some((one) => one.key === key) ? 'sent' : 'not-sent';
  }

  texts(conversationId: string): string[] {
    return this.shown.filter(({ part }) => part.conversationId === conversationId).map(({ part }) => part.text);
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
}
