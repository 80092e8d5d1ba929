import type { CoreOutput } from '../../shared/core-api/requests.ts';
import type { AttentionItem, MessageState, MessageView, OutboxEntry } from '../../shared/core-api/views.ts';
import type { Attachment } from '../../shared/domain/conversation/message.ts';
import { makeErrorBody } from '../../shared/errors.ts';
import type { FakeWorkspace } from './fake-workspace.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Pages of a list, as the core cuts them. */
export function pageOf(
  all: readonly MessageView[],
  input: { before?: number | null | undefined; after?: number | null | undefined; limit?: number | undefined },
): CoreOutput<'message.list'> {
  const { before = null, after = null, limit = 50 } = input;
  if (after !== null) {
    const start = all.findIndex((one) => one.position > after);
    const from = start === -1 ? all.length : start;
    const messages = all.slice(from, from + limit);
    return { messages, hasOlder: from > 0, hasNewer: from + limit < all.length, isOlderMissing: false };
  }
  const end = before === null ? all.length : all.findLastIndex((one) => one.position < before) + 1;
  const start = Math.max(0, end - limit);
  return { messages: all.slice(start, end), hasOlder: start > 0, hasNewer: end < all.length, isOlderMissing: false };
}

/** A message that says nothing, by nobody. */
export function emptyMessage(conversationId: string, id: string, position: number, at: number): MessageView {
  return {
    id,
    conversationId,
    position,
    kind: 'public',
    author: { kind: 'system', id: 'relay', name: '' },
    text: '',
    attachments: [],
    at,
    isPending: false,
    commandId: null,
    state: null,
    stateReason: null,
    system: null,
  };
}

/** Makes messages of one conversation, each a little later than the one before. */
export function messageMaker(workspace: FakeWorkspace, conversationId: string, startAt: number) {
  const conversation = workspace.conversations.find((one) => one.id === conversationId)!;
  const messages: MessageView[] = [];
  let at = startAt;
  const add = (fields: Partial<MessageView>, minutes = 1): MessageView => {
    at += minutes * MINUTE;
    const message: MessageView = {
      ...emptyMessage(conversationId, `${conversationId}-m${messages.length}`, (messages.length + 1) * 1000, at),
      author: { kind: 'customer', id: conversation.customer.id, name: conversation.customer.name },
      ...fields,
    };
    messages.push(message);
    return message;
  };
  const { me, agents } = workspace;
  return {
    messages,
    customer: (text: string, fields: Partial<MessageView> = {}, minutes = 1) => add({ text, ...fields }, minutes),
    agent: (text: string, state: MessageState, fields: Partial<MessageView> = {}, minutes = 1) =>
      add({ text, state, author: { kind: 'agent', id: me.id, name: me.name }, ...fields }, minutes),
    note: (text: string, fields: Partial<MessageView> = {}) => {
      const author = { kind: 'agent' as const, id: agents[3]!.id, name: agents[3]!.name };
      return add({ kind: 'note', text, author, ...fields });
    },
    system: (type: string, params: Record<string, string | number | null>, fields: Partial<MessageView> = {}) => {
      const author = { kind: 'agent' as const, id: agents[3]!.id, name: agents[3]!.name };
      return add({ kind: 'system', author, system: { type, params }, ...fields });
    },
  };
}

/** A conversation in which everything happens that a view has to show. */
export function makeFullConversation(
  workspace: FakeWorkspace,
  conversationId: string,
  now: number,
  files: { picture: Attachment; document: Attachment },
): MessageView[] {
  const make = messageMaker(workspace, conversationId, now - DAY - 70 * MINUTE);
  make.customer('Shop ơi, đơn DH-20418 của em đặt từ thứ Hai mà vẫn chưa thấy giao ạ 😢');
  make.customer('Link đây ạ: https://cuahang.example/don-hang/DH-20418?ref=(chat). Kiểm tra giúp em với.');
  make.agent('Dạ em chào chị Nhung, chị chờ em kiểm tra với bên vận chuyển một lát nhé.', 'read');
  make.system('conversation-assigned', { assigneeId: 'lan', assigneeName: 'Nguyễn Thị Lan', previousAssigneeId: null });
  make.agent('Đơn đang ở kho Đà Nẵng, dự kiến mai tới chị ạ.\nEm gửi chị mã vận đơn: GHN-8842-1190', 'read', {}, 8);
  make.note('Khách này hay đổi ý, gọi xác nhận trước khi gửi lại hàng nhé @Nguyễn Thị Lan.');
  make.system('conversation-moved', {
    queueId: 'care',
    queueName: 'Chăm sóc khách hàng',
    previousQueueId: 'sales',
    previousQueueName: 'Tư vấn bán hàng',
  });
  make.system('conversation-state-changed', {
    state: 'snoozed',
    previousState: 'open',
    snoozedUntil: now - 20 * 60 * MINUTE,
  });
  make.system(
    'conversation-state-changed',
    { state: 'open', previousState: 'snoozed', snoozedUntil: null },
    { author: { kind: 'system', id: 'timer', name: '' } },
  );
  make.customer('Em nhận được rồi nhưng áo bị rách đường may ở tay, em chụp lại cho shop xem', {}, 60 * 23);
  make.customer('', { attachments: [files.picture] });
  make.customer('Có cả biên nhận nữa', { attachments: [files.document] });
  make.system('conversation-priority-set', { priority: 'high', previousPriority: 'normal' });
  make.agent('Dạ em rất xin lỗi chị. Em đổi chiếc mới cho chị ngay hôm nay ạ.', 'delivered');
  make.agent('Chị cho em xin lại địa chỉ nhận hàng với ạ.', 'sent');
  make.system('conversation-escalated', {
    tier: 2,
    previousTier: 1,
    queueId: 'returns',
    queueName: 'Đổi trả & bảo hành',
    reason: 'Khách đòi hoàn toàn bộ tiền, vượt hạn mức của em (500.000 ₫).',
  });
  make.agent('Tin này kênh không nhận.', 'failed', { stateReason: 'visitor-gone' });
  make.agent('Tin này không rõ đã tới chưa.', 'unknown', { stateReason: 'no-answer' });
  make.customer('12 Nguyễn Trãi, phường Bến Thành, Quận 1 nha shop', {}, 2);
  make.agent('Dạ em đang gửi ạ.', 'queued');
  make.agent('Em sẽ gửi hàng trong chiều nay.', 'waiting', { isPending: true, commandId: 'waiting-1' });
  make.agent('Chị còn cần gì nữa không ạ?', 'refused', { isPending: true, commandId: 'refused-1' });
  return make.messages;
}

/** A conversation of `count` messages over months. */
export function makeLongConversation(
  workspace: FakeWorkspace,
  conversationId: string,
  now: number,
  count: number,
): MessageView[] {
  const make = messageMaker(workspace, conversationId, now - count * 11 * MINUTE);
  const words =
    'dạ em kiểm tra đơn hàng giúp chị rồi ạ chị vui lòng chờ thêm một lát bên vận chuyển báo là mai giao'.split(' ');
  for (let index = 0; index < count; index += 1) {
    const text = `#${index} ${words
      .slice(0, 3 + ((index * 7) % 19))
      .join(' ')
      .repeat(1 + (index % 5 === 0 ? 6 : 0))}`;
    if (index % 17 === 16) make.system('conversation-priority-set', { priority: 'high' }, {});
    else if (index % 3 === 1) make.agent(text, 'read', {}, 11);
    else if (index % 29 === 7) make.note(text);
    else make.customer(text, {}, 11);
  }
  return make.messages;
}

/** Texts and names that want to be more than text. */
export const HOSTILE_TEXTS = [
  '<script>window.hostileRan = true</script><img src=x onerror="window.hostileRan = true">',
  '"><svg onload=alert(1)> javascript:alert(1) data:text/html,<script>alert(1)</script>',
  'https://bank.example@evil.example/login https://user:pass@evil.example vbscript:msgbox(1)',
  'user\u202Egpj.exe \u2066\u2067abc\u2069 rtl \u05D0\u05D1\u05D2 mixed \u0645\u0631\u062D\u0628\u0627',
  `Z${'\u0300\u0316\u0301\u0317\u0302\u0318'.repeat(40)}a${'\u0336\u0489\u0334'.repeat(60)}lgo`,
  'A'.repeat(3000),
  `${'🏴󠁧󠁢󠁥󠁮󠁧󠁿👩‍👩‍👧‍👦'.repeat(30)}`,
  `${'dòng này dài\n'.repeat(400)}cuối`,
  '{{constructor.constructor("alert(1)")()}} ${7*7} %s %n',
];

export function makeHostileConversation(workspace: FakeWorkspace, conversationId: string, now: number): MessageView[] {
  const make = messageMaker(workspace, conversationId, now - 60 * MINUTE);
  const conversation = workspace.conversations.find((one) => one.id === conversationId)!;
  conversation.customer.name = '\u202E<b>Lan</b> \u2066evil\u2069 \u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307';
  conversation.tags = ['<i>x</i>', 'x'.repeat(40)];
  for (const text of HOSTILE_TEXTS) make.customer(text);
  make.agent('Dạ?', 'read');
  return make.messages;
}

/** Two refused commands: an answer that came too late, and an assignment that somebody else had made. */
export function makeAttention(workspace: FakeWorkspace, now: number): AttentionItem[] {
  const [first, second] = workspace.conversations;
  const make = messageMaker(workspace, first!.id, now - 12 * MINUTE);
  make.customer('Thôi em huỷ đơn rồi, shop không cần gửi nữa ạ.');
  make.agent('Dạ em đã ghi nhận huỷ đơn của chị.', 'read', {
    author: { kind: 'agent', id: 'tuan', name: 'Trần Anh Tuấn' },
  });
  return [
    {
      commandId: 'refused-1',
      type: 'message.send',
      ...subjectOf(first!),
      text: 'Chị còn cần gì nữa không ạ?\nEm sẽ gửi hàng trong chiều nay.',
      error: {
        kind: 'stale',
        origin: 'relay',
        message: 'The conversation moved on.',
        retryable: false,
        reason: 'conversation-moved-on',
      },
      at: now - 20 * MINUTE,
      meanwhile: make.messages,
      hasMore: false,
      winner: null,
      blocked: [{ commandId: 'blocked-1', type: 'conversation.close', text: null }],
    },
    {
      commandId: 'refused-2',
      type: 'conversation.assign',
      ...subjectOf(second!),
      target: workspace.me.name,
      error: {
        kind: 'conflict',
        origin: 'relay',
        message: 'Somebody else was assigned meanwhile.',
        retryable: false,
        reason: 'assigned-meanwhile',
      },
      at: now - 5 * MINUTE,
      meanwhile: [],
      hasMore: false,
      winner: { id: 'tuan', name: 'Trần Anh Tuấn', at: now - 6 * MINUTE },
      blocked: [],
    },
  ];
}

/** What a command about one conversation says of it. */
export function subjectOf({ id, customer }: FakeWorkspace['conversations'][number]) {
  return {
    conversationId: id,
    conversationCount: 1,
    isHere: true,
    customerName: customer.name,
    target: null,
    text: null,
    attachments: [],
  };
}

/** Of a conversation that was withdrawn, and two that a restored relay lost. */
export function makeLostAttention(workspace: FakeWorkspace, now: number): AttentionItem[] {
  const [, , third, fourth] = workspace.conversations;
  const rest = { meanwhile: [], hasMore: false, winner: null, blocked: [] };
  const lost = makeErrorBody('gone', 'relay', 'The relay lost this.', { reason: 'relay-restored' });
  return [
    {
      ...{ ...subjectOf(third!), ...rest, commandId: 'refused-3', type: 'note.add', at: now - 3 * MINUTE },
      ...{ isHere: false, customerName: null, text: 'Khách gửi ảnh hoá đơn, đã đối chiếu, đúng số tiền.' },
      error: makeErrorBody('forbidden', 'relay', 'no', { reason: 'conversation-not-visible' }),
    },
    {
      ...{ ...subjectOf(third!), ...rest, commandId: 'refused-4', type: 'message.send', at: now - 50 * MINUTE },
      ...{ text: 'Dạ em đã huỷ đơn và hoàn tiền, chị kiểm tra trong hai ngày tới ạ.', error: lost },
    },
    {
      ...{ ...subjectOf(fourth!), ...rest, commandId: 'refused-5', type: 'conversation.move', at: now - 49 * MINUTE },
      ...{ target: 'Đổi trả & bảo hành', error: lost },
    },
  ];
}

/** What an agent did in an hour without a connection. */
export function makeOutbox(workspace: FakeWorkspace, now: number): OutboxEntry[] {
  const [first, second, third] = workspace.conversations;
  const entry = (n: number, minutes: number, fields: Partial<OutboxEntry>): OutboxEntry => ({
    ...subjectOf(first!),
    ...{ commandId: `waiting-${n}`, n, type: 'message.send', subjects: [], state: 'waiting', attempts: 0 },
    ...{ createdAt: now - minutes * MINUTE, mayTakeBack: true, followers: [] },
    ...fields,
  });
  return [
    entry(0, 62, { text: 'Dạ em nghe đây ạ.', state: 'sent', attempts: 1, mayTakeBack: false }),
    entry(1, 40, {
      text: 'Em sẽ gửi hàng trong chiều nay.',
      followers: [{ commandId: 'waiting-2', type: 'conversation.close', text: null }],
    }),
    entry(2, 39, { type: 'conversation.close' }),
    entry(3, 12, { ...subjectOf(second!), type: 'conversation.assign', target: 'Trần Anh Tuấn', conversationCount: 3 }),
    entry(4, 2, { ...subjectOf(third!), type: 'note.add', text: 'Khách hẹn gọi lại sau 17 giờ.' }),
  ];
}
