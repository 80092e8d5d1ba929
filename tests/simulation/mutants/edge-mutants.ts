import type { Mutant } from './mutant.ts';

/** Bugs at the edges: attachments, timers, delivery to the customer. */
export const edgeMutants: readonly Mutant[] = [
  {
    name: 'command-before-its-file',
    rule: 'SYNC-A1',
    why: 'a command goes out before its file is with the relay',
    file: 'src-main/core/sync/command-flow.ts',
    find: 'if (!this.#hasFiles(entry)) continue;',
    replace: 'this.#hasFiles(entry);',
    seed: 1,
  },
  {
    name: 'blob-missing-dropped',
    rule: 'SYNC-A1',
    why: 'a command is given up because the relay does not have its file any more',
    file: 'src-main/core/sync/command-flow.ts',
    find: "error.kind === 'blob_missing' && !outbox.fileIds.some((fileId) => this.#parts.uploader.mustUploadAgain(fileId));",
    replace: "error.kind === 'blob_missing';",
    seed: 1,
  },
  {
    name: 'missing-file-accepted',
    rule: 'SYNC-A1',
    why: 'the relay accepts a command whose file it does not have',
    file: 'src-relay/event-log/plan-command.ts',
    find: 'if (context.hasFile(fileId, submission.by)) continue;',
    replace: 'continue;',
    seed: 1,
  },
  {
    name: 'upload-from-the-start',
    rule: 'SYNC-A1',
    why: 'an upload that broke off goes on with the first bytes again, and ends as another file',
    file: 'src-main/core/sync/uploader.ts',
    find: 'this.#files.read(fileId, offset, CHUNK_BYTES);',
    replace: 'this.#files.read(fileId, 0, CHUNK_BYTES);',
    seed: 1,
  },
  {
    name: 'timer-early',
    rule: 'SYNC-T2',
    why: 'a timer fires a minute before it is due',
    file: 'src-relay/desk/timer-reactor.ts',
    find: 'timers.listDue(clock.now(), CHUNK)',
    replace: 'timers.listDue(clock.now() + 60_000, CHUNK)',
    seed: 1,
  },
  {
    name: 'timer-lost-in-crash',
    rule: 'SYNC-T2',
    why: 'a timer is taken away before what it does is durable',
    file: 'src-relay/desk/timer-reactor.ts',
    find: '    const results = await Promise.all(known.map((timer) => eventLog.submit(submissionOf(timer))));',
    replace: `    for (const timer of known) timers.remove(timer);
    const results = await Promise.all(known.map((timer) => eventLog.submit(submissionOf(timer))));`,
    seed: 1,
  },
  {
    name: 'timer-outlives-snooze',
    rule: 'SYNC-T2',
    why: 'a snooze that was ended by hand wakes the conversation all the same',
    file: 'shared/domain/conversation/effects.ts',
    find: "if (state !== 'snoozed' || snoozedUntil === null) return [{ kind: 'cancel-timer', timer: 'snooze' }];",
    replace: "if (state !== 'snoozed' || snoozedUntil === null) return [];",
    also: [
      {
        file: 'shared/domain/conversation/commands.ts',
        find: "if (root.state !== 'snoozed' || root.snoozedUntil !== args.until) {",
        replace: "if (root.state === 'closed') {",
      },
    ],
    seed: 1,
  },
  {
    name: 'timer-twice',
    rule: 'SYNC-T2',
    why: 'a timer that fired right before a crash fires again',
    file: 'src-relay/desk/timer-reactor.ts',
    find: "deriveId('timer', timer.id, timer.version)",
    replace: "deriveId('timer', timer.id, String(process.hrtime.bigint()))",
    also: [
      {
        file: 'shared/domain/conversation/effects.ts',
        find: "if (state !== 'snoozed' || snoozedUntil === null) return [{ kind: 'cancel-timer', timer: 'snooze' }];",
        replace: "if (state !== 'snoozed' || snoozedUntil === null) return [];",
      },
      {
        file: 'shared/domain/conversation/commands.ts',
        find: `    if (root.state !== 'snoozed' || root.snoozedUntil !== args.until) {
      return refuse('conflict', 'This snooze was ended or changed meanwhile.', { reason: 'changed-meanwhile' });
    }
    return accept(stateChange(root, 'open', null));`,
        replace: `    const data: ConversationChangeData<'conversation-state-changed'> = {
      state: 'open',
      previousState: root.state,
      snoozedUntil: null,
    };
    return accept([{ subject: conversationRef(root.id), type: 'conversation-state-changed', v: 1, data }]);`,
      },
    ],
    seed: 1,
  },
  {
    name: 'no-channel-key',
    rule: 'SYNC-X1',
    why: 'each attempt at a part has another key, so the platform cannot tell that it has it',
    file: 'src-relay/delivery/send-part.ts',
    find: 'return `${row.messageId}:${row.part}`;',
    replace: "return `${row.messageId}:${row.part}${row.attempt === 0 ? '' : `:${row.attempt}`}`;",
    seed: 1,
  },
  {
    name: 'unknown-sent-again',
    rule: 'SYNC-X1',
    why: 'what may have been sent is sent again to a channel that can neither be asked nor told',
    file: 'src-relay/delivery/delivery-worker.ts',
    find: 'waitForReceipt(row, reason);\n        break;',
    replace: "retry(row, 'unknown', reason);\n        break;",
    seed: 1,
  },
  {
    name: 'attempt-not-noted',
    rule: 'SYNC-X1',
    why: 'what was being sent when the relay died is taken for what was not begun',
    file: 'src-relay/delivery/delivery-worker.ts',
    find: "else findOut(row, adapter, 'interrupted');",
    replace: "else retry(row, 'failed', 'interrupted');",
    seed: 1,
  },
  {
    name: 'receipt-goes-back',
    rule: 'SYNC-X1',
    why: 'a late receipt takes back a newer one',
    file: 'shared/domain/conversation/message.ts',
    find: 'return RANK[to] > RANK[from];',
    replace: 'return true;',
    seed: 1,
  },
];
