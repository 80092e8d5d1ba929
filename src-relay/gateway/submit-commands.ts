import { makeErrorBody, toErrorBody } from '../../shared/errors.ts';
import { isTooLarge } from '../../shared/relay-protocol/command-size.ts';
import { type CommandResult, MAX_COMMAND_BYTES, type Submission } from '../../shared/relay-protocol/commands.ts';
import type { ToRelay } from '../../shared/relay-protocol/to-relay.ts';
import type { LogSubmission } from '../event-log/event-log.ts';
import type { AgentHub } from './agent-hub.ts';
import type { AgentPeer } from './agent-peer.ts';
import type { AgentSession } from './agent-session.ts';
import type { TokenBucket } from './token-bucket.ts';

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
  const refused: CommandResult[] = [];
  const submissions: LogSubmission[] = [];
  for (const { command, isDelayed } of message.submissions) {
    const refusal = refuseEarly(command, bucket);
    if (refusal !== null) refused.push(refusal);
    else submissions.push({ command, by: peer.submitter, device: { id: device, n: command.n }, isDelayed });
  }
  const executed = await execute(submissions, hub);
  if (session.isClosed) return;
  const results = refused.length === 0 ? executed : [...refused, ...executed];
  peer.connection.send('results', { session: session.id, results });
  // The console lets go of a command once its cursor has passed the command's fact (SYNC-R3).
  let newest = 0;
  for (const result of results) if (result.ok && result.seq > newest) newest = result.seq;
  session.owe(Math.min(newest, hub.index.head));
  hub.flushSoon();
}

function refuseEarly(command: Submission['command'], bucket: TokenBucket): CommandResult | null {
  const retryAfterMs = bucket.take();
  if (retryAfterMs > 0) {
    const error = makeErrorBody('retry', 'relay', 'Too many commands at once.', { retryAfterMs, reason: 'too-many' });
    return { id: command.id, ok: false, error };
  }
  if (isTooLarge(command)) {
    const params = { limitKb: MAX_COMMAND_BYTES / 1024 };
    const error = makeErrorBody('too_large', 'relay', 'The command is too large.', {
      reason: 'command-too-large',
      params,
    });
    return { id: command.id, ok: false, error };
  }
  return null;
}

async function execute(submissions: readonly LogSubmission[], hub: AgentHub): Promise<CommandResult[]> {
  try {
    return await hub.parts.eventLog.submitEach(submissions);
  } catch (error) {
    hub.parts.logger.error({ err: error, commandId: submissions[0]?.command.id }, 'commands could not be executed');
    // Nothing was committed, so the console keeps them and tries again.
    const body = toErrorBody(error, 'relay');
    const retryAfterMs = 5000;
    const retry = body.retryable
      ? body
      : makeErrorBody('retry', 'relay', 'The relay cannot write now.', { retryAfterMs });
    return submissions.map(({ command: { id } }) => ({ id, ok: false, error: retry }));
  }
}
