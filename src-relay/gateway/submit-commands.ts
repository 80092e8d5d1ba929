import { makeErrorBody, toErrorBody } from '../../shared/errors.ts';
import { byteLength } from '../../shared/primitives/clean-text.ts';
import { type CommandResult, MAX_COMMAND_BYTES, type Submission } from '../../shared/relay-protocol/commands.ts';
import type { ToRelay } from '../../shared/relay-protocol/to-relay.ts';
import type { AgentHub } from './agent-hub.ts';
import type { AgentPeer } from './agent-peer.ts';
import type { AgentSession } from './agent-session.ts';
import type { TokenBucket } from './token-bucket.ts';

/** That JSON takes for one character of a string: a control as \u0000, or three bytes of UTF-8. */
const MOST_BYTES = 6;
/** For anything but what is in strings: a number, a word, and what stands around it. */
const BYTES_BESIDE = 32;

/** Executes what a console submits, as its agent and device, and answers each command once its result is durable. */
export async function submitCommands(
  peer: AgentPeer,
  session: AgentSession,
  message: ToRelay['submit'],
  bucket: TokenBucket,
  hub: AgentHub,
): Promise<void> {
  const { eventLog } = hub.parts;
  const device = peer.device!;
  if (message.ackedN > eventLog.readAckedN(device)) eventLog.raiseAckedN(device, peer.agentId, message.ackedN);
  const results = await Promise.all(
    message.submissions.map(async (submission) => refuseEarly(submission, bucket) ?? execute(submission, peer, hub)),
  );
  if (session.isClosed) return;
  peer.connection.send('results', { session: session.id, results });
  // The console lets go of a command once its cursor has passed the command's fact (SYNC-R3).
  const newest = Math.max(0, ...results.map((result) => (result.ok ? result.seq : 0)));
  session.owe(Math.min(newest, hub.index.head));
  hub.flushSoon();
}

function refuseEarly({ command }: Submission, bucket: TokenBucket): CommandResult | null {
  const retryAfterMs = bucket.take();
  if (retryAfterMs > 0) {
    const error = makeErrorBody('retry', 'relay', 'Too many commands at once.', { retryAfterMs, reason: 'too-many' });
    return { id: command.id, ok: false, error };
  }
  if (mayBeLarge(command) && byteLength(JSON.stringify(command)) > MAX_COMMAND_BYTES) {
    const params = { limitKb: MAX_COMMAND_BYTES / 1024 };
    const error = makeErrorBody('too_large', 'relay', 'The command is too large.', {
      reason: 'command-too-large',
      params,
    });
    return { id: command.id, ok: false, error };
  }
  return null;
}

async function execute({ command, isDelayed }: Submission, peer: AgentPeer, hub: AgentHub): Promise<CommandResult> {
  const { id, n, type, v, args, base } = command;
  try {
    return await hub.parts.eventLog.submit({
      command: { id, type, v, args, ...(base === undefined ? {} : { base }) },
      by: { kind: 'agent', agentId: peer.agentId },
      device: { id: peer.device!, n },
      isDelayed,
    });
  } catch (error) {
    hub.parts.logger.error({ err: error, commandId: id }, 'a command could not be executed');
    // Nothing was committed, so the console keeps the command and tries again.
    const body = toErrorBody(error, 'relay');
    if (body.retryable) return { id, ok: false, error: body };
    const retryAfterMs = 5000;
    return { id, ok: false, error: makeErrorBody('retry', 'relay', 'The relay cannot write now.', { retryAfterMs }) };
  }
}

/** False where the command is smaller than it may be by any count: nearly always, and without putting it into text. */
function mayBeLarge(command: Submission['command']): boolean {
  let bytes = 0;
  const add = (value: unknown): void => {
    bytes += BYTES_BESIDE;
    if (typeof value === 'string') bytes += value.length * MOST_BYTES;
    else if (typeof value === 'object' && value !== null && bytes <= MAX_COMMAND_BYTES) {
      for (const key of Object.keys(value)) {
        bytes += key.length * MOST_BYTES;
        add((value as Record<string, unknown>)[key]);
      }
    }
  };
  add(command);
  return bytes > MAX_COMMAND_BYTES;
}
