import type { HubRig } from './hub-rig.ts';

/** A relay of a test, as far as it is written to. */
type WrittenTo = Pick<HubRig, 'submit' | 'newId' | 'clock'>;

interface Received {
  text: string;
  customerId?: string;
  channelId?: string;
  /** Null leaves it to the relay where it belongs. */
  conversationId?: string | null;
  /** The id of the conversation that it may begin. */
  newConversationId?: string;
}

/** A queue `sales` with a channel `web`, and agents who serve it. */
export async function furnish(rig: WrittenTo, agentIds: readonly string[] = ['lan']): Promise<void> {
  await putQueue(rig, 'sales');
  await putChannel(rig, 'web', 'sales');
  for (const id of agentIds) await putAgent(rig, id);
}

export async function putQueue(rig: WrittenTo, id: string): Promise<void> {
  const fields = { name: id, reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null };
  await write(rig, 'queue.put', { id, fields });
}

export async function putChannel(rig: WrittenTo, id: string, queueId: string): Promise<void> {
  await write(rig, 'channel.put', { id, fields: { kind: 'web-chat', name: id, queueId, maxTextLength: 4000 } });
}

/** An agent of `sales`, but for what `fields` says. */
export async function putAgent(rig: WrittenTo, id: string, fields: object = {}): Promise<void> {
  const usual = { name: id, email: `${id}@example.org`, role: 'agent', queueIds: ['sales'], languages: ['vi'] };
  await write(rig, 'agent.put', { id, fields: { ...usual, isActive: true, ...fields } });
}

/** A customer's message. @returns the conversation it went into */
export async function receive(rig: WrittenTo, message: Received): Promise<string> {
  const {
    text,
    customerId = 'an',
    channelId = 'web',
    conversationId = null,
    newConversationId = rig.newId(),
  } = message;
  const identity = { channelId, externalId: customerId, isVerified: false };
  const customer = { id: customerId, identity, profile: { name: customerId } };
  const ids = { conversationId, newConversationId, messageId: rig.newId() };
  const output = await write(rig, 'message.receive', {
    ...{ channelId, customer, ...ids, text },
    writtenAt: rig.clock.now(),
  });
  return (output as { conversationId: string }).conversationId;
}

/** What agents said to customers, in the order of the log. */
export async function sentTexts(rig: Pick<HubRig, 'eventLog'>): Promise<string[]> {
  const events = await rig.eventLog.readEvents(0, 10_000);
  return events
    .flatMap(({ changes }) => changes)
    .filter(({ type }) => type === 'message-sent')
    .map(({ data }) => (data as { text: string }).text);
}

async function write(rig: WrittenTo, type: string, args: unknown): Promise<unknown> {
  const result = await rig.submit(type, args);
  if (!result.ok) throw new Error(`${type}: ${result.error.message}`);
  return result.output;
}
