import path from 'node:path';
import { ProtocolClient } from '../../tests/fakes/protocol-client.ts';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { AnchorCalls } from '../anchor-server/anchor-calls.ts';
import { RelaySeed } from '../data/relay-seed.ts';
import { TextGenerator } from '../data/text-generator.ts';
import { type Child, startChild } from '../processes/child-calls.ts';
import { type RelayProcess, startRelayProcess } from '../processes/start-relay-process.ts';
import { startSwarm } from './start-swarm.ts';
import type { SwarmCalls } from './swarm-calls.ts';

const CONVERSATIONS = 200;

/** The relay with its consoles, and the anchor with as many bare sockets, each swarm in a process of its own. */
export interface Swarms {
  relay: RelayProcess;
  consoles: Child<SwarmCalls>;
  anchor: Child<AnchorCalls>;
  sockets: Child<SwarmCalls>;
  /** A text such as agents write. */
  text: string;
  close(): Promise<void>;
}

/** @param listenAnchor tells the anchor what to serve, and answers its address */
export async function startSwarms(
  folder: string,
  count: number,
  listenAnchor: (anchor: Child<AnchorCalls>) => Promise<string>,
): Promise<Swarms> {
  const random = seededRandom(20_260);
  const texts = new TextGenerator(random);
  const seed = new RelaySeed(folder, random, texts);
  await seed.addWorkspace(count);
  await seed.addConversations(CONVERSATIONS);
  const tokens = await seed.issueTokens(count);
  await seed.close();

  const relay = await startRelayProcess(folder, 0);
  const consoles = startSwarm();
  const sockets = startSwarm();
  const anchor = startChild<AnchorCalls>(path.join(import.meta.dirname, '../anchor-server/main.ts'));
  const close = async (): Promise<void> => {
    await Promise.all([consoles.stop(), sockets.stop(), anchor.stop()]);
    await relay.stop();
  };
  try {
    const accessTokens = tokens.map(({ accessToken }) => accessToken);
    const position = await readPosition(relay.url, accessTokens[0]!);
    await consoles.call('connectConsoles', {
      url: relay.url,
      accessTokens,
      position,
      conversationIds: seed.conversationIds,
    });
    await sockets.call('connectPlain', { url: await listenAnchor(anchor), count });
  } catch (error) {
    await close();
    throw error;
  }
  return { relay, consoles, anchor, sockets, text: textOf(texts), close };
}

/** Fetches the workspace once, as one of them: what a console that is up to date would say in its hello. */
export async function readPosition(
  url: string,
  token: string,
): Promise<Parameters<SwarmCalls['connectConsoles']>[0]['position']> {
  const scout = await ProtocolClient.connect({ url, token });
  const { epoch, cursor, heldSince } = scout.replica;
  const held = { ...scout.replica.digest(), since: heldSince };
  scout.close();
  return { epoch, cursor, held };
}

/** A text such as agents write. */
export function textOf(texts: TextGenerator): string {
  for (;;) {
    const text = texts.message();
    if (text.length > 100 && text.length < 130) return text;
  }
}
