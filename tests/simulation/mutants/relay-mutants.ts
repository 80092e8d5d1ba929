import type { Mutant } from './mutant.ts';

/** Bugs of the log and of the gateway. */
export const relayMutants: readonly Mutant[] = [
  {
    name: 'no-dedupe',
    rule: 'SYNC-C2',
    why: 'a command that is submitted again is executed again',
    file: 'src-relay/event-log/command-writer.ts',
    find: 'const known = records.findResult(command.id);',
    replace: 'const known = records.findResult(`${command.id}?`);',
    also: [
      {
        file: 'src-relay/event-log/command-writer.ts',
        find: 'if (isFinal(result)) records.putResult({ payloadHash, result, at, device });',
        replace: `if (isFinal(result) && records.findResult(command.id) === undefined) {
        records.putResult({ payloadHash, result, at, device });
      }`,
      },
    ],
    seed: 1,
  },
  {
    name: 'dedupe-apart',
    rule: 'SYNC-C2',
    why: 'the result is kept in a transaction of its own, after that of the event',
    file: 'src-relay/event-log/command-writer.ts',
    find: 'if (isFinal(result)) records.putResult({ payloadHash, result, at, device });',
    replace: `if (isFinal(result)) {
        queueMicrotask(() => {
          try {
            storage.transaction('execute-commands', () => records.putResult({ payloadHash, result, at, device }));
          } catch {}
        });
      }`,
    seed: 9,
  },
  {
    name: 'ack-before-commit',
    rule: 'SYNC-C2',
    why: 'a command is answered before its event is durable',
    file: 'src-relay/event-log/command-writer.ts',
    find: 'return this.#commit(jobs);\n    } catch',
    replace: `let early: GroupOutcome | undefined;
      try {
        this.#parts.storage.transaction('execute-commands', () => {
          early = this.#runGroup(jobs);
          throw new Error('not yet');
        });
      } catch {}
      const isOfConsoles = jobs.every(({ submissions }) => submissions.every(({ device }) => device !== undefined));
      if (early === undefined || early.events.length === 0 || !isOfConsoles) return this.#commit(jobs);
      this.#parts.clock.after(1, () => {
        try {
          this.#commit(jobs);
        } catch {}
      });
      return early.results;
    } catch`,
    seed: 2,
  },
  {
    name: 'truncation-ignored',
    rule: 'SYNC-L4',
    why: 'a console below the floor is led on from its cursor',
    file: 'src-relay/gateway/session-start.ts',
    find: 'hello.cursor >= log.floor && ',
    replace: '',
    seed: 8,
  },
  {
    name: 'cursor-kept-over-epoch',
    rule: 'SYNC-L3',
    why: 'a console goes on from a cursor of another lineage',
    file: 'src-relay/gateway/session-start.ts',
    find: 'hello.epoch === log.epoch && hello.cursor >= log.floor',
    replace: 'hello.epoch !== null && hello.cursor >= log.floor',
    seed: 10,
  },
  {
    name: 'older-copy-unnoticed',
    rule: 'SYNC-L3',
    why: 'a console that is ahead of the log begins anew, but the log keeps the name of its lineage',
    file: 'src-relay/gateway/agent-hub.ts',
    find: 'this.parts.eventLog.rotateEpoch(0);',
    replace: '',
    seed: 4,
  },
  {
    name: 'no-leave-on-catch-up',
    rule: 'SYNC-V1',
    why: 'what a console may not see any more is not taken away when it comes back',
    file: 'src-relay/gateway/session-start.ts',
    find: "else view.noteAtCursor(subject, 'held');",
    replace: '',
    seed: 1,
  },
  {
    name: 'leave-by-history',
    rule: 'SYNC-V1',
    why: 'what leaves follows from what happened to it since the cursor, not from what is held',
    file: 'src-relay/gateway/session-start.ts',
    find: ': held.has(subject);',
    replace: ': held.has(subject) && root.asOf > hello.cursor;',
    seed: 2,
  },
  {
    name: 'close-by-device',
    rule: 'SYNC-D2',
    why: 'the late close of a stale socket takes its successor down',
    file: 'src-relay/gateway/agent-hub.ts',
    find: 'if (peer.device !== null && this.#byDevice.get(peer.device) === peer) this.#byDevice.delete(peer.device);',
    replace: `const newest = peer.device === null ? undefined : this.#byDevice.get(peer.device);
    if (newest !== undefined) {
      this.#byDevice.delete(peer.device!);
      this.#peers.delete(newest);
    }`,
    seed: 5,
  },
  {
    name: 'page-loses-first',
    rule: 'SYNC-S4',
    why: 'the subject that did not fit into a page of a snapshot is not in the next one either',
    file: 'src-relay/gateway/agent-session.ts',
    find: `        sendPage(false);
        await flow.mayContinue();
`,
    replace: `        sendPage(false);
        await flow.mayContinue();
        continue;
`,
    seed: 4,
  },
  {
    name: 'reset-blind-to-rights',
    rule: 'SYNC-V1',
    why: 'who may see what is not looked at again for what changed while a snapshot was sent',
    file: 'src-relay/gateway/agent-session.ts',
    find: '    this.view.apply(commit, this.#parts.index, access);',
    replace: '    if (!this.#isResetting) this.view.apply(commit, this.#parts.index, access);',
    seed: 18,
  },
  {
    name: 'event-amid-round-dropped',
    rule: 'SYNC-S2',
    why: 'an event of a subject that changed again while a round was under way is dropped',
    file: 'src-relay/gateway/agent-session.ts',
    find: "(moved !== undefined && moved !== 'held')) return false;",
    replace: 'moved !== undefined) return false;',
    seed: 1,
  },
  {
    name: 'credit-ignored',
    rule: 'SYNC-S3',
    why: 'a catch-up does not wait for the console',
    file: 'src-relay/gateway/catch-up-flow.ts',
    find: 'while (!this.#isClosed && this.#credits.catchUps >= CATCH_UP_CREDIT) await this.#waitForCredit();',
    replace: '',
    seed: 1,
  },
];
