import { type ErrorBody, makeErrorBody } from '../../shared/errors.ts';
import { kindOf } from '../../shared/domain/registry.ts';
import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import type { ToRelay } from '../../shared/relay-protocol/to-relay.ts';
import type { AgentHub } from './agent-hub.ts';
import type { AgentPeer } from './agent-peer.ts';
import type { AgentSession } from './agent-session.ts';
import type { TokenBucket } from './token-bucket.ts';

/** Answers a request for a subject, or for older items of one. What was fetched is held from then on (SYNC-S5). */
export async function answerWant(
  peer: AgentPeer,
  session: AgentSession,
  want: ToRelay['want'],
  bucket: TokenBucket,
  hub: AgentHub,
): Promise<void> {
  const refuse = (error: ErrorBody) =>
    peer.connection.send('wanted', { session: session.id, id: want.id, answer: { ok: false, error } });
  const retryAfterMs = bucket.take();
  if (retryAfterMs > 0) {
    refuse(makeErrorBody('rate_limited', 'relay', 'Too many requests at once.', { retryAfterMs, reason: 'too-many' }));
    return;
  }
  const subject = want.subject as SubjectRef;
  const snapshot = await readCurrent(subject, session, want, hub);
  if (session.isClosed) return;
  if (snapshot === null) {
    const reason = 'not-visible';
    refuse(makeErrorBody('not_found', 'relay', 'There is no such thing, or you may not see it.', { reason }));
    return;
  }
  session.addWanted(subject);
  peer.connection.send('wanted', { session: session.id, id: want.id, answer: { ok: true, snapshot } });
}

/**
 * The snapshot, no older than what frames have been made from: a change between the two would otherwise reach the
 * console by neither way. Null if the agent may not see the subject.
 */
async function readCurrent(
  subject: SubjectRef,
  session: AgentSession,
  { before, limit }: ToRelay['want'],
  hub: AgentHub,
): Promise<SubjectSnapshot | null> {
  const { eventLog } = hub.parts;
  const kind = kindOf(subject);
  if (kind === undefined) return null;
  for (;;) {
    const known = hub.index.get(subject);
    if (known === null || !session.view.isVisible(kind, known)) return null;
    const snapshot =
      before === null ? await eventLog.readSnapshot(subject) : await eventLog.readItemsBefore(subject, before, limit);
    const current = hub.index.get(subject);
    if (snapshot === null || current === null || session.isClosed) return null;
    if (snapshot.root.asOf >= current.asOf) {
      return session.view.isVisible(kind, snapshot.root) && session.view.isVisible(kind, current) ? snapshot : null;
    }
  }
}
