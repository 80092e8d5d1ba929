import { afterEach, beforeEach, expect } from 'vitest';
import { PROTOCOL_VERSION } from '../../shared/relay-protocol/protocol-version.ts';
import { putAgent, putChannel, putQueue, receive } from './desk-writes.ts';
import { type HubRig, LinkedConsole, differences, openHubRig } from './hub-rig.ts';

/** The hello of a console that has nothing yet, but for its ids. */
export const EMPTY_HELLO = {
  protocol: [PROTOCOL_VERSION, PROTOCOL_VERSION] as [number, number],
  schema: '',
  epoch: null,
  cursor: 0,
  held: { count: 0, digest: '0000000000000000', since: 0 },
  ackedN: 0,
};

/** Two queues, `sales` and `complaints`, each with a channel of its name, and two agents of the first: lan and minh. */
export interface HubDesk {
  readonly rig: HubRig;
  putAgent(id: string): Promise<void>;
  /** A message on the channel of `sales`. @returns the conversation it went into */
  receive(text: string, conversationId?: string | null): Promise<string>;
  /** Runs until nothing more comes. */
  settle(...consoles: LinkedConsole[]): Promise<void>;
  /** A console that holds what it should. */
  connect(agentId: string): Promise<LinkedConsole>;
}

/** A desk of its own for every test of the file. */
export function useHubDesk(): HubDesk {
  let rig: HubRig;
  beforeEach(async () => {
    rig = await openHubRig();
    for (const id of ['sales', 'complaints']) {
      await putQueue(rig, id);
      await putChannel(rig, id, id);
    }
    for (const id of ['lan', 'minh']) await putAgent(rig, id);
  });
  afterEach(() => rig.close());

  const settle = async (...consoles: LinkedConsole[]): Promise<void> => {
    for (let round = 0; round < 30; round += 1) {
      await rig.settle();
      for (const one of consoles) one.deliver();
    }
  };
  return {
    get rig() {
      return rig;
    },
    settle,
    putAgent: (id) => putAgent(rig, id),
    receive: (text, conversationId = null) => receive(rig, { channelId: 'sales', text, conversationId }),
    connect: async (agentId) => {
      const one = new LinkedConsole(rig, agentId);
      one.connect();
      await settle(one);
      expect(await differences(rig, one)).toEqual([]);
      return one;
    },
  };
}
