import type { FromCoreFrame, ToCoreFrame } from '../../shared/core-api/port.ts';
import type { CoreInput, CoreOutput, CoreRequestName } from '../../shared/core-api/requests.ts';
import type {
  AttentionItem,
  ConversationView,
  MessageView,
  OutboxEntry,
  SyncStatus,
} from '../../shared/core-api/views.ts';
import { renderCannedReply } from '../../shared/domain/canned-reply/render-canned-reply.ts';
import { AppError, toErrorBody } from '../../shared/errors.ts';
import { foldText } from '../../shared/primitives/fold-text.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import type { ConsolePort, HostRequestFrame } from '../../src-renderer/core-client/console-port.ts';
import { FakeFiles } from './fake-files.ts';
import { fitsFilter } from './fits-filter.ts';
import { emptyMessage, pageOf } from './fake-messages.ts';
import { findInWorkspace } from './fake-search.ts';
import { type FakeWorkspace, makeFakeWorkspace } from './fake-workspace.ts';

type Answers = {
  [Name in CoreRequestName]?: (input: Required<CoreInput<Name>>) => CoreOutput<Name>;
};

export interface FakeCoreOptions {
  now: () => number;
  workspace?: FakeWorkspace;
  isSignedIn?: boolean;
  settings?: Record<string, unknown>;
}

/**
 * A core without relay or disk, behind a real port: it answers from a workspace in memory and applies commands at
 * once. For component tests and for looking at views; it proves nothing about the real core.
 */
export class FakeCore {
  readonly workspace: FakeWorkspace;
  readonly settings = new Map<string, unknown>();
  readonly files = new FakeFiles();
  attention: AttentionItem[] = [];
  outbox: OutboxEntry[] = [];
  readonly drafts = new Map<string, CoreInput<'draft.save'>>();
  /** Every request that arrived, in order. */
  readonly requests: { name: string; input: unknown }[] = [];
  /** Answers of a test that come before those below; throw an `AppError` to refuse. */
  readonly overrides: Answers = {};
  status: SyncStatus;
  isSignedIn: boolean;
  readonly #now: () => number;
  readonly #frames = new Subscribable<FromCoreFrame>();
  readonly #closes = new Subscribable<void>();
  readonly #undo = new Map<string, () => void>();

  constructor({ now, workspace = makeFakeWorkspace(now()), isSignedIn = true, settings = {} }: FakeCoreOptions) {
    this.#now = now;
    this.workspace = workspace;
    this.isSignedIn = isSignedIn;
    for (const [key, value] of Object.entries(settings)) this.settings.set(key, value);
    this.status = {
      state: isSignedIn ? 'online' : 'signed-out',
      since: now() - 3_600_000,
      lastOnlineAt: now(),
      nextTryAt: null,
      progress: null,
      remaining: null,
      cursor: 812,
      head: 812,
      pendingCount: 0,
      oldestPendingAt: null,
      attentionCount: 0,
      notice: null,
      storage: 'ok',
      error: null,
    };
  }

  /** A new pipe to it, as a host would hand it over. */
  openPort(): ConsolePort {
    return {
      send: (frame) => queueMicrotask(() => this.#receive(frame)),
      onFrame: (listener) => this.#frames.subscribe(listener),
      onClose: (listener) => this.#closes.subscribe(listener),
      close: () => {},
    };
  }

  /** The core's process ends: every pipe closes. */
  die(): void {
    this.#closes.publish();
  }

  push(name: string, payload: unknown): void {
    this.#frames.publish({ push: name, payload });
  }

  sendEphemeral(payload: unknown): void {
    this.#frames.publish({ ephemeral: 'ephemeral', payload });
  }

  setStatus(patch: Partial<SyncStatus>): void {
    this.status = { ...this.status, ...patch };
    this.push('status', this.status);
  }

  conversation(id: string): ConversationView {
    const found = this.workspace.conversations.find((one) => one.id === id);
    if (found === undefined)
      throw new AppError('not_found', 'There is no such conversation.', { reason: 'conversation-not-visible' });
    return found;
  }

  /** Changes a conversation from outside, as the relay would. */
  change(id: string, patch: Partial<ConversationView>): void {
    Object.assign(this.conversation(id), patch);
    this.push('changed', { subjects: [`conversation:${id}`] });
  }

  #receive(frame: ToCoreFrame | HostRequestFrame): void {
    if ('ephemeral' in frame) return;
    const name = 'host' in frame ? frame.host : frame.request;
    this.requests.push({ name, input: frame.input });
    try {
      const output = 'host' in frame ? { isShown: true, isSaved: true } : this.#answer(frame.request, frame.input);
      this.#frames.publish({ id: frame.id, ok: true, output: structuredClone(output) });
    } catch (error) {
      this.#frames.publish({ id: frame.id, ok: false, error: toErrorBody(error, 'console') });
    }
  }

  #answer(name: string, input: unknown): unknown {
    const own = this.overrides[name as CoreRequestName] ?? this.#answers[name as CoreRequestName];
    if (own === undefined) throw new AppError('unsupported', `The fake core does not answer ${name}.`);
    return (own as (input: unknown) => unknown)(input);
  }

  #command(
    ids: readonly string[],
    commandId: string | undefined,
    apply: (one: ConversationView) => void,
  ): { commandId: string } {
    const before = ids.map((id) => structuredClone(this.conversation(id)));
    for (const id of ids) apply(this.conversation(id));
    const subjects = ids.map((id) => `conversation:${id}`);
    const made = commandId ?? crypto.randomUUID();
    this.#undo.set(made, () => {
      for (const one of before) Object.assign(this.conversation(one.id), one);
      this.push('changed', { subjects });
    });
    this.push('changed', { subjects });
    return { commandId: made };
  }

  readonly #answers: Answers = {
    'session.current': () => ({
      agent: this.isSignedIn ? this.workspace.me : null,
      workspaceName: this.isSignedIn ? 'Cửa hàng Mộc Miên' : null,
      relayUrl: this.isSignedIn ? 'https://relay.cuahang.example' : null,
    }),
    'session.signIn': ({ email, password }) => {
      if (password !== 'liendesk') {
        throw new AppError('unauthenticated', 'Wrong e-mail or password.', { reason: 'wrong-email-or-password' });
      }
      this.isSignedIn = true;
      this.setStatus({ state: 'online' });
      return { agent: { ...this.workspace.me, email }, workspaceName: 'Cửa hàng Mộc Miên', relayUrl: null };
    },
    'session.signOut': ({ force }) => {
      if (this.status.pendingCount > 0 && !force) {
        throw new AppError('conflict', 'There is unsent work.', {
          reason: 'unsent-commands',
          params: { count: this.status.pendingCount },
        });
      }
      this.isSignedIn = false;
      this.setStatus({ state: 'signed-out' });
      return {};
    },
    'sync.status': () => this.status,
    'sync.networkBack': () => ({}),
    'sync.setOnline': ({ isOnline }) => {
      this.setStatus({ state: isOnline ? 'online' : 'paused', since: this.#now() });
      return this.status;
    },
    'sync.dismissNotice': () => {
      this.setStatus({ notice: null });
      return {};
    },
    'conversation.list': ({ filter, sort = 'newest', offset = 0, limit = 50 }) => {
      const found = this.workspace.conversations.filter((one) => fitsFilter(one, filter, this.workspace.me.id));
      found.sort((one, other) =>
        sort === 'newest'
          ? other.lastMessageAt - one.lastMessageAt
          : (one.waitingSince ?? Infinity) - (other.waitingSince ?? Infinity),
      );
      return { items: found.slice(offset, offset + limit), total: found.length };
    },
    'conversation.counts': () => {
      const count = (view: CoreInput<'conversation.list'>['filter']['view']) =>
        this.workspace.conversations.filter((one) => fitsFilter(one, { view }, this.workspace.me.id)).length;
      return {
        mine: count('mine'),
        mineUnread: this.workspace.conversations.filter(
          (one) => fitsFilter(one, { view: 'mine' }, this.workspace.me.id) && one.isUnread,
        ).length,
        unassigned: count('unassigned'),
        open: count('open'),
        customerWaiting: this.workspace.conversations.filter(
          (one) => fitsFilter(one, { view: 'open' }, this.workspace.me.id) && one.waitingSince !== null,
        ).length,
        waiting: count('waiting'),
        snoozed: count('snoozed'),
        escalated: count('escalated'),
        attention: this.status.attentionCount,
      };
    },
    'conversation.get': ({ conversationId }) => ({
      ...this.conversation(conversationId),
      customerPosition:
        this.workspace.messages.get(conversationId)?.findLast((one) => one.author.kind === 'customer')?.position ?? 0,
    }),
    'conversation.assign': ({ conversationIds, agentId, commandId }) => {
      const agent = this.workspace.agents.find((one) => one.id === agentId) ?? null;
      return this.#command(conversationIds, commandId, (one) => {
        one.assignee = agent === null ? null : { id: agent.id, name: agent.name };
      });
    },
    'conversation.move': ({ conversationIds, queueId, commandId }) => {
      const queue = this.workspace.queues.find((one) => one.id === queueId)!;
      return this.#command(conversationIds, commandId, (one) => {
        one.queue = { id: queue.id, name: queue.name };
      });
    },
    'conversation.close': ({ conversationIds, commandId }) =>
      this.#command(conversationIds, commandId, (one) => Object.assign(one, { state: 'closed', waitingSince: null })),
    'conversation.reopen': ({ conversationIds, commandId }) =>
      this.#command(conversationIds, commandId, (one) => Object.assign(one, { state: 'open', snoozedUntil: null })),
    'conversation.wait': ({ conversationIds, commandId }) =>
      this.#command(conversationIds, commandId, (one) => Object.assign(one, { state: 'waiting', snoozedUntil: null })),
    'conversation.snooze': ({ conversationIds, until, commandId }) =>
      this.#command(conversationIds, commandId, (one) =>
        Object.assign(one, { state: 'snoozed', snoozedUntil: until, waitingSince: null }),
      ),
    'conversation.escalate': ({ conversationId, commandId }) =>
      this.#command([conversationId], commandId, (one) => Object.assign(one, { tier: 2 })),
    'conversation.tag': ({ conversationId, add, remove, commandId }) =>
      this.#command([conversationId], commandId, (one) => {
        one.tags = [...new Set([...one.tags, ...(add ?? [])])].filter((tag) => !(remove ?? []).includes(tag));
      }),
    'conversation.setPriority': ({ conversationId, priority, commandId }) =>
      this.#command([conversationId], commandId, (one) => Object.assign(one, { priority })),
    'conversation.markSeen': ({ conversationId }) => {
      if (this.conversation(conversationId).isUnread) this.change(conversationId, { isUnread: false });
      return {};
    },
    'message.list': ({ conversationId, ...page }) => pageOf(this.workspace.messages.get(conversationId) ?? [], page),
    'message.send': (input) => this.#write('public', input),
    'note.add': (input) => this.#write('note', input),
    'customer.get': ({ customerId }) => {
      const found = this.workspace.customers.find((one) => one.id === customerId);
      if (found === undefined)
        throw new AppError('not_found', 'There is no such customer.', { reason: 'no-such-customer' });
      return found;
    },
    'customer.update': ({ customerId, profile, commandId }) => {
      const found = this.workspace.customers.find((one) => one.id === customerId)!;
      Object.assign(found, profile);
      this.push('changed', { subjects: [`customer:${customerId}`] });
      return { commandId: commandId ?? crypto.randomUUID() };
    },
    'agent.list': () => ({ agents: this.workspace.agents }),
    'queue.list': () => ({
      queues: this.workspace.queues.map((queue) => {
        const open = this.workspace.conversations.filter((one) =>
          fitsFilter(one, { view: 'open', queueId: queue.id }, this.workspace.me.id),
        );
        const unassignedCount = open.filter((one) => one.assignee === null).length;
        return { ...queue, openCount: open.length, unassignedCount };
      }),
    }),
    'cannedReply.list': ({ text }) => ({
      cannedReplies: this.workspace.cannedReplies.filter((one) =>
        foldText(`${one.shortcut} ${one.title} ${one.text}`).includes(foldText(text ?? '')),
      ),
    }),
    'cannedReply.render': ({ cannedReplyId, conversationId }) => {
      const { text } = this.workspace.cannedReplies.find((one) => one.id === cannedReplyId)!;
      const customer = this.conversation(conversationId).customer.name;
      return renderCannedReply(text, { 'customer.givenName': customer.split(' ').at(-1) });
    },
    'draft.get': ({ conversationId }) => {
      const read = (kind: 'reply' | 'note') => {
        const draft = this.drafts.get(`${conversationId}|${kind}`);
        return draft === undefined ? null : { ...draft, edition: draft.edition ?? null, updatedAt: this.#now() };
      };
      return { reply: read('reply'), note: read('note') };
    },
    'draft.save': (draft) => {
      this.drafts.set(`${draft.conversationId}|${draft.kind}`, draft);
      this.change(draft.conversationId, { hasDraft: draft.text !== '', draftStart: draft.text });
      return {};
    },
    'draft.leave': () => ({}),
    'setting.get': ({ key }) => ({ value: this.settings.get(key) ?? null }),
    'setting.set': ({ key, value }) => {
      this.settings.set(key, value);
      return {};
    },
    'search.run': ({ text, limit = 50 }) => ({ hits: findInWorkspace(this.workspace, text, limit), tookMs: 3 }),
    'outbox.list': ({ conversationId = null, limit = 10_000 }) => {
      const wanted = this.outbox.filter((one) => conversationId === null || one.conversationId === conversationId);
      return { entries: wanted.slice(0, limit), total: wanted.length };
    },
    'outbox.undo': ({ commandId }) => {
      const undo = this.#undo.get(commandId);
      if (undo === undefined) throw new AppError('not_found', 'No such command.', { reason: 'no-such-command' });
      this.#undo.delete(commandId);
      undo();
      return { takenBack: [] };
    },
    'attention.list': () => ({ items: this.attention }),
    'attention.resolve': ({ commandId, action }) => {
      const item = this.attention.find((one) => one.commandId === commandId);
      if (item === undefined) throw new AppError('not_found', 'No such command.', { reason: 'no-such-command' });
      if (action === 'edit' && item.conversationId !== null && item.text !== null) {
        this.drafts.set(`${item.conversationId}|reply`, {
          conversationId: item.conversationId,
          kind: item.type === 'note.add' ? 'note' : 'reply',
          text: item.text,
          caret: item.text.length,
          attachments: [],
        });
      }
      this.attention = this.attention.filter((one) => one !== item);
      this.push('outbox', { pendingCount: 0, attentionCount: this.attention.length });
      return {};
    },
    'file.begin': ({ name, size }) => this.files.begin(name, size),
    'file.append': ({ uploadId, offset, content }) => this.files.append(uploadId, offset, content),
    'file.finish': ({ uploadId }) => ({ attachment: this.files.finish(uploadId) }),
    'file.read': ({ fileId, offset, length }) => this.files.read(fileId, offset, length),
    'presence.set': ({ status }) => {
      this.sendEphemeral({ kind: 'presence', agentId: this.workspace.me.id, status });
      return {};
    },
    'presence.list': () => ({ ephemerals: [] }),
  };

  #write(
    kind: 'public' | 'note',
    input: Pick<CoreInput<'message.send'>, 'conversationId' | 'text' | 'attachments' | 'messageId' | 'commandId'>,
  ): { messageId: string; commandId: string } {
    const { conversationId, text, attachments = [] } = input;
    const { messageId = crypto.randomUUID(), commandId = crypto.randomUUID() } = input;
    const { me } = this.workspace;
    this.#append(conversationId, {
      id: messageId,
      kind,
      author: { kind: 'agent', id: me.id, name: me.name },
      text,
      attachments,
      state: kind === 'public' ? 'sent' : null,
    });
    if (kind === 'public') {
      const lastMessage = { author: 'agent' as const, text, hasAttachments: attachments.length > 0 };
      this.change(conversationId, { lastMessage, lastMessageAt: this.#now(), waitingSince: null });
    } else {
      this.push('changed', { subjects: [`conversation:${conversationId}`] });
    }
    return { messageId, commandId };
  }

  /** The customer writes. */
  receive(conversationId: string, text: string): void {
    const { customer } = this.conversation(conversationId);
    this.#append(conversationId, { author: { kind: 'customer', id: customer.id, name: customer.name }, text });
    const lastMessage = { author: 'customer' as const, text, hasAttachments: false };
    this.change(conversationId, { lastMessage, lastMessageAt: this.#now(), isUnread: true });
  }

  #append(conversationId: string, fields: Partial<MessageView>): void {
    const messages = this.workspace.messages.get(conversationId) ?? [];
    const position = (messages.at(-1)?.position ?? 0) + 1000;
    messages.push({ ...emptyMessage(conversationId, crypto.randomUUID(), position, this.#now()), ...fields });
    this.workspace.messages.set(conversationId, messages);
  }
}
