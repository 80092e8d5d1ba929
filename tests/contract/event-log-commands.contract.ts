import { describe, expect, test } from 'vitest';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../shared/domain/conversation/message.ts';
import { positionOf } from '../../shared/domain/subject/subject-kind.ts';
import type { Commit } from '../../src-relay/event-log/event-log.ts';
import { command, lan, minh, photo, receive, refusalOf, send, seqOf, system } from './event-log-fixture.ts';
import { type EventLogHarness, openForEachTest } from './event-log-harness.ts';

export function describeCommands(name: string, makeHarness: () => EventLogHarness): void {
  describe(`${name}: commands`, () => {
    const the = openForEachTest(makeHarness);

    test('SYNC-L5 a writer that was replaced writes nothing any more', async () => {
      const old = the.log;
      the.log = the.harness.open();
      const head = the.log.head();
      const result = await old.submit(receive('a', 'm1'));
      expect(refusalOf(result)).toBe('retry/writer-replaced');
      expect(the.log.head()).toBe(head);
      expect(the.log.read('conversation:a').root()).toBeNull();
      expect(seqOf(await the.log.submit(receive('a', 'm1')))).toBe(head + 1);
      await old.close();
    });

    test('SYNC-U2 a change over several subjects is one event, and listeners see all of it at once', async () => {
      await the.submit(receive('a', 'm1'), receive('b', 'm2'));
      const commits: Commit[] = [];
      the.log.onCommit((commit) => commits.push(commit));
      const args = { conversationIds: ['a', 'b'], queueId: 'complaints' };
      const [result] = await the.submit(command('move', 'conversation.move', args, lan));
      expect(commits.length).toBe(1);
      const [commit] = commits;
      expect(commit!.events.map((event) => event.seq)).toEqual([seqOf(result!)]);
      expect(commit!.events[0]!.changes.map((change) => [change.index, change.subject])).toEqual([
        [0, 'conversation:a'],
        [1, 'conversation:b'],
      ]);
      const queues = [...commit!.touched].map(([subject, { before, after }]) => [
        subject,
        (before as Conversation).queueId,
        (after as Conversation).queueId,
      ]);
      expect(queues).toEqual([
        ['conversation:a', 'sales', 'complaints'],
        ['conversation:b', 'sales', 'complaints'],
      ]);
    });

    test('SYNC-U2 one event may change one subject twice, and its items keep their order', async () => {
      await the.submit(receive('a', 'm1'));
      const [event] = await the.log.readEvents(the.log.head() - 1, 1);
      expect(event!.changes.map((change) => change.type)).toEqual([
        'customer-seen',
        'conversation-started',
        'message-received',
      ]);
      expect(the.conversation('a').customerSeq).toBe(the.log.head());
      const message = the.log.read('conversation:a').item<Message>('message', 'm1');
      expect(message?.position).toBe(positionOf(the.log.head(), 2));
    });

    test('SYNC-C1 what is malformed, unknown or too long is refused, finally', async () => {
      const results = await the.submit(
        command('no-args', 'message.send', {}, lan, { base: { foreignPublicSeq: 0 } }),
        command('no-base', 'message.send', { ...(send('a', 'm1').command.args as object) }, lan),
        command('what', 'conversation.paint', {}, lan),
        receive('a', 'm2', 'x'.repeat(33 * 1024)),
      );
      expect(results.map(refusalOf)).toEqual([
        'invalid/malformed-command',
        'invalid/malformed-command',
        'incompatible/command-unknown',
        'too_large/text-too-long',
      ]);
      expect(results.every((result) => !result.ok && !result.error.retryable)).toBe(true);
    });

    test('SYNC-C2 INV-3 a command that comes again has one effect and the first answer', async () => {
      const [first, twin] = await the.submit(receive('a', 'm1'), receive('a', 'm1'));
      const head = the.log.head();
      expect(twin).toEqual(first);
      expect(await the.submit(receive('a', 'm1'))).toEqual([first]);
      the.crashAndOpen();
      expect(await the.submit(receive('a', 'm1'))).toEqual([first]);
      expect(the.log.head()).toBe(head);
    });

    test('SYNC-C2 a refusal comes again as it was, also when it would be accepted by now', async () => {
      const [refused] = await the.submit(send('a', 'm1'));
      expect(refusalOf(refused!)).toBe('forbidden/conversation-not-visible');
      await the.submit(receive('a', 'm2'));
      expect(await the.submit(send('a', 'm1'))).toEqual([refused]);
    });

    test('SYNC-C2 an id that comes with another content, or from somebody else, is refused', async () => {
      await the.submit(receive('a', 'm1'), send('a', 'm2'));
      const head = the.log.head();
      const results = await the.submit(send('a', 'm2', { text: 'Something else' }), send('a', 'm2', { by: minh }), {
        ...send('a', 'm2'),
        isDelayed: true,
      });
      expect(refusalOf(results[0]!)).toBe('id_reuse/id-reuse');
      expect(refusalOf(results[1]!)).toBe('id_reuse/id-reuse');
      expect(results[2]!.ok).toBe(true);
      expect(the.log.head()).toBe(head);
    });

    test('SYNC-C2 what an agent may do is read in the transaction: who has left may nothing from the next command on', async () => {
      await the.submit(receive('a', 'm1'));
      const fields = { ...the.log.read('agent:lan').root(), isActive: false };
      const results = await the.submit(
        send('a', 'm2'),
        command('leave', 'agent.put', { id: 'lan', fields }, system),
        send('a', 'm3'),
        send('a', 'm4', { by: { kind: 'agent', agentId: 'nobody' } }),
        send('a', 'm5', { by: { kind: 'agent', agentId: 'hoa' } }),
      );
      expect(results.map((result) => result.ok)).toEqual([true, true, false, false, false]);
      expect(results.slice(2).map(refusalOf)).toEqual(Array(3).fill('forbidden/agent-inactive'));
    });

    test('SYNC-C2 a command sees what those before it in the same turn have done', async () => {
      const [, sent, again] = await the.submit(
        receive('a', 'm1'),
        send('a', 'm2'),
        command('again', 'message.send', send('a', 'm2').command.args, lan, { base: { foreignPublicSeq: 0 } }),
      );
      expect(seqOf(sent!)).toBe(the.log.head());
      expect(refusalOf(again!)).toBe('conflict/already-sent');
      expect(the.conversation('a').assigneeId).toBe('lan');
    });

    test('SYNC-C2 an item id that another subject has is a conflict, and moves nothing', async () => {
      await the.submit(receive('a', 'm1'), receive('b', 'm2'));
      const results = await the.submit(
        send('b', 'm1'),
        command('again', 'message.receive', receive('a', 'm1').command.args, system),
      );
      expect(results.map(refusalOf)).toEqual(['conflict/id-taken', 'conflict/id-taken']);
      expect(the.log.read('conversation:b').item('message', 'm1')).toBeNull();
      expect(the.log.read('conversation:a').item('message', 'm1')).not.toBeNull();
    });

    test('SYNC-C3 below the acknowledged mark a command without a result is never executed', async () => {
      await the.submit(receive('a', 'm1'));
      const device = (n: number) => ({ device: { id: 'laptop', n } });
      const kept = { ...send('a', 'm2'), ...device(1) };
      const [first] = await the.submit(kept);
      the.log.raiseAckedN('laptop', 'lan', 5);
      the.log.raiseAckedN('laptop', 'lan', 3);
      expect(the.log.readAckedN('laptop')).toBe(5);
      const results = await the.submit(
        kept,
        { ...send('a', 'm3'), ...device(5) },
        { ...send('a', 'm4'), ...device(6) },
      );
      expect(results[0]).toEqual(first);
      expect(refusalOf(results[1]!)).toBe('expired/expired');
      expect(results[2]!.ok).toBe(true);
      await the.log.close();
      the.crashAndOpen();
      expect(the.log.readAckedN('laptop')).toBe(5);
      expect(the.log.readAckedN('other')).toBe(0);
    });

    test('SYNC-C3 old results go once the device has them, and not before', async () => {
      await the.submit(receive('a', 'm1'));
      const submissions = [1, 2].map((n) => ({ ...send('a', `s${n}`), device: { id: 'laptop', n } }));
      const before = await the.submit(...submissions);
      the.log.raiseAckedN('laptop', 'lan', 1);
      await the.submit(receive('a', 'm9'));
      the.harness.clock.advance(1000);
      await the.log.pruneResults(the.harness.clock.now());
      const after = await the.submit(...submissions);
      expect(refusalOf(after[0]!)).toBe('expired/expired');
      expect(after[1]).toEqual(before[1]);
    });

    test('SYNC-L3 the log knows what it acknowledged, unless that may be forgotten', async () => {
      await the.submit(receive('a', 'm1'));
      const submissions = [1, 2].map((n) => ({ ...send('a', `s${n}`), device: { id: 'laptop', n } }));
      const [first, second] = (await the.submit(...submissions)).map((result) => ({
        ...{ commandId: result.id, n: 0, seq: result.ok ? result.seq : -1 },
      }));
      const may = (command: typeof first, n: number, seq = command!.seq) =>
        the.log.mayHaveAcknowledged('laptop', { ...command!, n, seq });
      expect([may(first, 1), may(second, 2), may(second, 2, first!.seq)]).toEqual([true, true, false]);
      const foreign = { commandId: '00000000-0000-7000-8000-0000000000fe', n: 2, seq: second!.seq };
      expect(may(foreign, 2)).toBe(false);
      the.log.raiseAckedN('laptop', 'lan', 2);
      expect([may(foreign, 2), may(foreign, 3)]).toEqual([true, false]);
    });

    test('SYNC-C4 the commands of a turn share a commit, which listeners hear of before anyone is answered', async () => {
      const order: string[] = [];
      the.log.onCommit((commit) => order.push(`commit ${commit.events.length}`));
      const answers = [receive('a', 'm1'), receive('b', 'm2'), receive('a', 'm3')].map(async (submission) => {
        await the.log.submit(submission);
        order.push('answer');
      });
      await Promise.all(answers);
      expect(order).toEqual(['commit 3', 'answer', 'answer', 'answer']);
    });

    test('SYNC-C4 what is too much for one commit is spread over several, in order', async () => {
      const ids = Array.from({ length: 500 }, (_, index) => `c${index}`);
      await the.submit(...ids.map((id) => receive(id, `first-${id}`)));
      const commits: Commit[] = [];
      the.log.onCommit((commit) => commits.push(commit));
      const moves = ['complaints', 'sales', 'complaints', 'sales', 'complaints', 'sales'].map((queueId, index) =>
        command(`move-${index}`, 'conversation.move', { conversationIds: ids, queueId }, system),
      );
      const head = the.log.head();
      expect((await the.submit(...moves)).map(seqOf)).toEqual(moves.map((_, index) => head + index + 1));
      expect(commits.map((commit) => commit.events.length)).toEqual([4, 2]);
    });

    test('SYNC-C4 a listener that fails hurts nobody', async () => {
      let heard = 0;
      const undo = the.log.onCommit(() => {
        throw new Error('a listener’s own mistake');
      });
      the.log.onCommit(() => (heard += 1));
      expect((await the.submit(receive('a', 'm1')))[0]!.ok).toBe(true);
      undo();
      expect(heard).toBe(1);
    });

    test('SYNC-C5 a file that is missing is no final answer: the same command goes through once it is there', async () => {
      await the.submit(receive('a', 'm1'));
      const submission = send('a', 'm2', { attachments: [photo('b')] });
      const [missing] = await the.submit(submission);
      expect(refusalOf(missing!)).toBe('blob_missing/file-missing');
      expect(missing!.ok === false && missing!.error.retryable).toBe(true);
      the.harness.files.add(photo('b').fileId);
      expect((await the.submit(submission))[0]!.ok).toBe(true);
      expect(the.log.listFileSubjects(photo('b').fileId)).toEqual(['conversation:a']);
      expect(the.log.listFileSubjects(photo('c').fileId)).toEqual([]);
    });

    test('SYNC-C5 when nothing can be stored everybody may try again, and nothing has happened', async () => {
      await the.submit(receive('a', 'm1'));
      const head = the.log.head();
      const commits: Commit[] = [];
      the.log.onCommit((commit) => commits.push(commit));
      const undo = the.harness.fillUp();
      const submissions = Array.from({ length: 40 }, (_, index) => receive('a', `big-${index}`, 'x'.repeat(20_000)));
      const full = await the.submit(...submissions);
      expect(new Set(full.map(refusalOf))).toEqual(new Set(['retry/storage-failed']));
      expect(full.every((result) => !result.ok && result.error.retryAfterMs! > 0)).toBe(true);
      expect([the.log.head(), commits.length, the.conversation('a').customerSeq]).toEqual([head, 0, head]);
      undo();
      const later = await the.submit(...submissions);
      expect(later.map(seqOf)).toEqual(submissions.map((_, index) => head + 1 + index));
    });

    test('SYNC-C5 a mistake of ours is one command’s, not its neighbours’', async () => {
      await the.submit(receive('a', 'm1'));
      the.harness.hasFile = () => {
        throw new TypeError('a mistake of ours while deciding');
      };
      const plan = the.harness.plan;
      the.harness.plan = (kind, message) => {
        // Cannot be made into JSON: fails in the middle of writing.
        if (message.text === 'poison') return [{ text: 1n as unknown as string, attachments: [] }];
        return plan(kind, message);
      };
      const head = the.log.head();
      const submissions = [
        send('a', 'm2'),
        send('a', 'm3', { attachments: [photo('b')] }),
        send('a', 'm4', { text: 'poison' }),
        receive('a', 'm5'),
      ];
      const results = await the.submit(...submissions);
      expect(results.map((result) => result.ok)).toEqual([true, false, false, true]);
      expect([results[1]!, results[2]!].map(refusalOf)).toEqual(['internal/', 'internal/']);
      expect(the.log.head()).toBe(head + 2);
      expect(the.log.read('conversation:a').item('message', 'm4')).toBeNull();
      expect(the.log.deliveries.listParts('m4')).toEqual([]);
      expect(await the.submit(...submissions)).toEqual(results);
    });

    test('SYNC-C6 over several subjects it is all or nothing, also when the relay dies', async () => {
      await the.submit(receive('a', 'm1'), receive('b', 'm2'), receive('c', 'm3'), send('b', 'm4', { by: minh }));
      const versions = { a: '', b: '', c: '' };
      const args = { conversationIds: ['a', 'b', 'c'], assigneeId: 'lan' };
      const head = the.log.head();
      const [result] = await the.submit(command('assign', 'conversation.assign', args, lan, { base: { versions } }));
      expect(refusalOf(result!)).toBe('conflict/assigned-meanwhile');
      const assignees = (): (string | null)[] => ['a', 'b', 'c'].map((id) => the.conversation(id).assigneeId);
      expect(assignees()).toEqual([null, 'minh', null]);

      const move = command(
        'move',
        'conversation.move',
        { conversationIds: ['a', 'b', 'c'], queueId: 'complaints' },
        minh,
      );
      void the.log.submit(move);
      the.crashAndOpen();
      const queues = (): Set<string> => new Set(['a', 'b', 'c'].map((id) => the.conversation(id).queueId));
      expect(queues()).toEqual(new Set(['sales']));
      expect(the.log.head()).toBe(head);
      seqOf(await the.log.submit(move));
      the.crashAndOpen();
      expect(queues()).toEqual(new Set(['complaints']));
    });

    test('SYNC-C7 a reactor’s cursor moves with what it did, and not past a command that has to be tried again', async () => {
      await the.submit(receive('a', 'm1'));
      const withFile = receive('a', 'm2', 'see here', [photo('d')]);
      expect(the.log.readReactorCursor('routing')).toBe(0);
      const results = await the.log.submitFromReactor('routing', 7, [receive('a', 'm3'), send('unknown', 'm4')]);
      expect(results.map((result) => result.ok)).toEqual([true, false]);
      expect(the.log.readReactorCursor('routing')).toBe(7);
      await the.log.submitFromReactor('routing', 8, [receive('a', 'm5'), withFile]);
      the.crashAndOpen();
      expect(the.log.readReactorCursor('routing')).toBe(7);
      const head = the.log.head();
      the.harness.files.add(photo('d').fileId);
      await the.log.submitFromReactor('routing', 8, [receive('a', 'm5'), withFile]);
      expect(the.log.readReactorCursor('routing')).toBe(8);
      expect(the.log.head()).toBe(head + 1);
      await the.log.submitFromReactor('routing', 9, []);
      expect(the.log.readReactorCursor('routing')).toBe(9);
    });

    test('a closed log asks to try again later', async () => {
      const pending = the.log.submit(receive('a', 'm1'));
      await the.log.close();
      expect((await pending).ok).toBe(true);
      expect(refusalOf(await the.log.submit(receive('a', 'm2')))).toBe('retry/relay-stopping');
      the.crashAndOpen();
      expect(the.log.read('conversation:a').item('message', 'm1')).not.toBeNull();
    });
  });
}
