import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import { PROTOCOL_VERSION } from '../../shared/relay-protocol/protocol-version.ts';
import type { AgentConnection } from '../../src-relay/gateway/agent-connection.ts';
import type { AgentHub } from '../../src-relay/gateway/agent-hub.ts';
import type { AgentPeer } from '../../src-relay/gateway/agent-peer.ts';
import { messageText } from '../../src-relay/gateway/message-text.ts';
import { createSystemRandom } from '../../src-relay/system-clock.ts';
import { SetDigest } from '../../shared/primitives/set-digest.ts';

const random = createSystemRandom();
const makeId = (): string => makeUuidV7(Date.now(), random.bytes(10));

/** A console in the relay's own process: what it is sent is put into text, as for a socket, and goes nowhere. */
export class HubConsole {
  readonly #session = makeId();
  readonly #conversationId: string;
  readonly #peer: AgentPeer;
  readonly ready: Promise<void>;
  #n = 0;
  #onResults: (results: CommandResult[]) => void = () => {};

  constructor(hub: AgentHub, agentId: string, conversationId: string) {
    this.#conversationId = conversationId;
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    const connection: AgentConnection = {
      send: (name, message) => {
        messageText(name, message);
        if (name === 'results') this.#onResults((message as FromRelay['results']).results);
        else if (name === 'bye') ready.reject(new Error(`the hub sent a console away: ${JSON.stringify(message)}`));
        else if (name === 'page') this.#credit((message as FromRelay['page']).startSeq);
        else if (name === 'frame') {
          const frame = message as FromRelay['frame'];
          if (frame.isCatchUp || frame.wantsCredit === true) this.#credit(frame.to);
          if (frame.isCatchUp) ready.resolve();
        }
      },
      sendVolatile: () => {},
      backlogBytes: () => 0,
      end: () => ready.reject(new Error('the hub ended a console')),
    };
    this.#peer = hub.connect(connection, { agentId, sessionId: makeId() });
    this.#peer.receive('hello', {
      protocol: [PROTOCOL_VERSION, PROTOCOL_VERSION],
      schema: 'bench',
      device: makeId(),
      session: this.#session,
      epoch: null,
      cursor: 0,
      held: { ...new SetDigest().value(), since: 0 },
      ackedN: 0,
    });
  }

  /** A submission as it comes over the line. */
  writeNote(text: string): string {
    this.#n += 1;
    const conversationId = this.#conversationId;
    const command = {
      id: makeId(),
      n: this.#n,
      type: 'note.add',
      v: 1,
      subjects: [`conversation:${conversationId}`],
      args: { conversationId, messageId: makeId(), text, writtenAt: Date.now() },
      after: null,
      clientAt: Date.now(),
    };
    return JSON.stringify({
      session: this.#session,
      submissions: [{ command, isDelayed: false }],
      ackedN: this.#n - 1,
    });
  }

  /** Resolves when the result is back. @throws Error when the command was refused */
  submit(submission: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onResults = ([result]) => {
        if (result?.ok === true) resolve();
        else reject(new Error(`a note was refused: ${JSON.stringify(result)}`));
      };
      this.#peer.receive('submit', JSON.parse(submission));
    });
  }

  close(): void {
    this.#peer.closed();
  }

  #credit(cursor: number): void {
    // As over a line: after the present turn.
    setImmediate(() => this.#peer.receive('credit', { session: this.#session, cursor }));
  }
}
