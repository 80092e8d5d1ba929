import type { OutboxEntry } from '../../../shared/core-api/views.ts';
import { AppError } from '../../../shared/errors.ts';
import type { NewCommand, OutboxCommand, RefusedEntry } from '../outbox/command-store.ts';
import { textOf } from './attention-views.ts';
import { type FeatureContext, type Handlers, ask } from './feature-context.ts';

/** What waits to be sent, and what was refused. */
export const outboxHandlers: Handlers<'outbox.list' | 'outbox.undo' | 'attention.list' | 'attention.resolve'> = {
  'outbox.list': (context) => ({ entries: context.outbox.commands.listOpen().map(describe) }),
  'outbox.undo': (context, { commandId }) => {
    context.outlet.undo(commandId);
    return {};
  },
  'attention.list': (context) => ask(context, 'attention.list', {}),
  'attention.resolve': (context, { commandId, action }) =>
    context.desk.inOrder(async () => {
      const refused = context.outbox.commands.findRefused(commandId);
      if (refused === null) {
        throw new AppError('not_found', 'There is no such refused command.', { reason: 'no-such-command' });
      }
      if (refused.isResolved) return {};
      if (action === 'edit') await keepAsDraft(context, refused);
      if (action === 'send-anyway') await sendAgain(context, refused);
      else context.outbox.commands.resolve(commandId, [], context.relayNow());
      await context.refreshAttention();
      return {};
    }),
};

function describe({ command, state, attempts, at }: OutboxCommand): OutboxEntry {
  const { id: commandId, n, type, subjects, args } = command;
  const shown = state === 'settled' ? 'confirmed' : state;
  return { commandId, n, type, subjects, state: shown, text: textOf(args), createdAt: at, attempts };
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
    const args =
      isFirst && command.type === 'message.send' ? { ...(command.args as object), isConfirmed: true } : command.args;
    const id = newIds.get(command.id)!;
    const at = context.relayNow();
    const prepared = await prepareAgain(context, command.type, args, id, at);
    // Whatever reply it named, it was blocked by this one.
    const after = isFirst ? null : newIds.get(refused.command.id)!;
    replacements.push({
      ...{ id, type: command.type, v: command.v, after, clientAt: context.clock.now(), at, ...prepared },
    });
  }
  const entries = commands.resolve(refused.command.id, replacements, context.relayNow());
  for (const entry of entries) await context.desk.release(entry);
}

type Prepared = Pick<NewCommand, 'args' | 'base' | 'subjects' | 'fileIds'>;

/** On what the agent sees now. What cannot be decided here any more keeps what it was based on: the relay decides. */
async function prepareAgain(
  context: FeatureContext,
  type: string,
  args: unknown,
  commandId: string,
  now: number,
): Promise<Prepared> {
  const { base, ...prepared } = await context.cache.prepare(type, args, commandId, now);
  return base === undefined ? prepared : { ...prepared, base };
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
  context.outbox.drafts.save({
    ...{ conversationId, kind, text: whole, caret: text.length, updatedAt: context.clock.now() },
    attachments: [...attachments, ...(begun?.attachments ?? [])],
  });
  await context.cache.setDraft(conversationId, true);
}
