import { findCommand } from '../../../shared/domain/registry.ts';
import { raiseCommand } from '../../../shared/domain/subject/raise-command.ts';
import { conversationRef } from '../../../shared/domain/conversation/decide.ts';
import { ERASED_REASON, erasedError } from '../../../shared/domain/erasure/erasure.ts';
import { AppError } from '../../../shared/errors.ts';
import { type NewCommand, type OutboxCommand, type RefusedEntry, isOnConditionOf } from '../outbox/command-store.ts';
import { isQuiet } from '../outbox/quiet-commands.ts';
import { textOf } from './command-subject.ts';
import { type FeatureContext, type Handlers, ask } from './feature-context.ts';
import type { UnnamedEntry } from './outbox-views.ts';

/** What waits to be sent, and what was refused. */
export const outboxHandlers: Handlers<'outbox.list' | 'outbox.undo' | 'attention.list' | 'attention.resolve'> = {
  'outbox.list': async (context, { conversationId, limit }) => {
    const open = context.outbox.commands.listOpen().filter(({ command }) => !isQuiet(command));
    const subject = conversationId === null ? null : conversationRef(conversationId);
    const wanted = open.filter(({ command }) => subject === null || command.subjects.includes(subject));
    const offsetMs = context.clock.now() - context.relayNow();
    const conditional = open.filter(({ command, state }) => command.after !== null && state === 'waiting');
    const entries = wanted.slice(0, limit).map((one) => describe(one, conditional, offsetMs));
    return { ...(await ask(context, 'outbox.list', { entries })), total: wanted.length };
  },
  'outbox.undo': (context, { commandId }) =>
    // In turn: what was written and is not on its way yet would go out, although it was taken back with this.
    context.desk.inOrder(async () => {
      const { commands } = context.outbox;
      const before = commands.listOpen();
      context.outlet.undo(commandId);
      const after = new Set(commands.listOpen().map(({ command }) => command.id));
      const takenBack = before.filter(({ command }) => !after.has(command.id));
      return { takenBack: takenBack.map(({ command: { id, type } }) => ({ commandId: id, type })) };
    }),
  'attention.list': (context) => ask(context, 'attention.list', {}),
  'attention.resolve': (context, { commandId, action }) =>
    context.desk.inOrder(async () => {
      const refused = context.outbox.commands.findRefused(commandId);
      if (refused === null) {
        throw new AppError('not_found', 'There is no such refused command.', { reason: 'no-such-command' });
      }
      if (refused.isResolved) return {};
      // Nothing may be written there any more: a draft would keep what has to be forgotten.
      if (action !== 'discard' && refused.error.reason === ERASED_REASON) throw erasedError();
      if (action === 'edit') await keepAsDraft(context, refused);
      if (action === 'send-anyway') await sendAgain(context, refused);
      else context.outbox.commands.resolve(commandId, [], context.relayNow());
      await context.refreshAttention();
      return {};
    }),
};

/**
 * @param conditional what waits for something else to happen first
 * @param offsetMs this device's clock less the relay's
 */
function describe(
  { command, state, attempts, at }: OutboxCommand,
  conditional: readonly OutboxCommand[],
  offsetMs: number,
): UnnamedEntry {
  const { id: commandId, n, type, subjects, args } = command;
  const mayTakeBack = state === 'waiting' && attempts === 0;
  const followers = mayTakeBack
    ? conditional.filter((one) => one.command.id !== commandId && isOnConditionOf(one.command, command))
    : [];
  return {
    ...{ commandId, n, type, subjects, args, attempts, mayTakeBack },
    state: state === 'settled' ? 'confirmed' : state,
    createdAt: at + offsetMs,
    followers: followers.map((one) => ({
      commandId: one.command.id,
      type: one.command.type,
      text: textOf(one.command.args),
    })),
  };
}

/** As new commands, since a command id is decided once: with the same message, and what was blocked behind it. */
async function sendAgain(context: FeatureContext, refused: RefusedEntry): Promise<void> {
  const { commands } = context.outbox;
  commands.passBlockedOn(refused.command.id);
  const again = [refused.command, ...commands.listBlockedBy(refused.command.id).map(({ command }) => command)];
  const newIds = new Map(again.map(({ id }) => [id, context.makeId()]));
  const replacements: NewCommand[] = [];
  for (const command of again) {
    const isFirst = command.id === refused.command.id;
    const id = newIds.get(command.id)!;
    const at = context.relayNow();
    const prepared = await prepareAgain(context, command, { id, at, isFirst });
    // Whatever reply it named, it was blocked by this one.
    const after = isFirst ? null : newIds.get(refused.command.id)!;
    replacements.push({ ...{ id, type: command.type, after, clientAt: context.clock.now(), at }, ...prepared });
  }
  const entries = commands.resolve(refused.command.id, replacements, context.relayNow());
  for (const entry of entries) await context.desk.release(entry);
}

type Prepared = Pick<NewCommand, 'v' | 'args' | 'base' | 'subjects' | 'fileIds'>;

/**
 * On what the agent sees now. What was blocked, and cannot be decided here any more, keeps what it was based on: the
 * relay decides, and what was refused goes out all the same.
 * @throws AppError when the refused command itself cannot be given as things stand
 */
async function prepareAgain(
  context: FeatureContext,
  command: RefusedEntry['command'],
  { id, at, isFirst }: { id: string; at: number; isFirst: boolean },
): Promise<Prepared> {
  const spec = findCommand(command.type);
  if (spec === undefined) throw new AppError('unsupported', `There is no command ${command.type}.`);
  const raised = raiseCommand(spec, command.v, command);
  const isReply = isFirst && command.type === 'message.send';
  const args = isReply ? { ...(raised.args as object), isConfirmed: true } : raised.args;
  try {
    const { base, ...prepared } = await context.cache.prepare(command.type, args, id, at);
    return base === undefined ? prepared : { ...prepared, base };
  } catch (error) {
    if (isFirst) throw error;
    const { subjects } = command;
    const base = raised.base === undefined ? {} : { base: raised.base };
    return { v: spec.v, args, ...base, subjects, fileIds: spec.files?.(spec.args.parse(args)) ?? [] };
  }
}

/** The text goes back to where it was written, before anything that was begun there meanwhile. */
async function keepAsDraft(context: FeatureContext, { command }: RefusedEntry): Promise<void> {
  if (command.type !== 'message.send' && command.type !== 'note.add') return;
  const { conversationId, text, attachments } = command.args as {
    conversationId: string;
    text: string;
    attachments: { fileId: string; name: string; mediaType: string; size: number }[];
  };
  const kind = command.type === 'note.add' ? 'note' : 'reply';
  const begun = context.outbox.drafts.get(conversationId, kind);
  const whole = begun === null || begun.text === '' ? text : `${text}\n${begun.text}`;
  await context.drafts.putBack({
    ...{ conversationId, kind, text: whole, caret: text.length },
    attachments: [...attachments, ...(begun?.attachments ?? [])],
  });
}
