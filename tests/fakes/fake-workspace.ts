import type {
  AgentView,
  CannedReplyView,
  ConversationView,
  CustomerView,
  MessageView,
  QueueView,
} from '../../shared/core-api/views.ts';

/** A small shop in the middle of its day, for component tests and for looking at views without a relay. */
export interface FakeWorkspace {
  me: AgentView;
  agents: AgentView[];
  queues: Omit<QueueView, 'openCount' | 'unassignedCount'>[];
  conversations: ConversationView[];
  customers: CustomerView[];
  messages: Map<string, MessageView[]>;
  cannedReplies: CannedReplyView[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const agents: AgentView[] = [
  agent('lan', 'Nguyễn Thị Lan', 'agent', 1, ['sales', 'care'], 'available'),
  agent('tuan', 'Trần Anh Tuấn', 'agent', 1, ['sales'], 'available'),
  agent('huong', 'Phạm Thu Hương', 'specialist', 2, ['care', 'returns'], 'away'),
  agent('minh', 'Lê Quang Minh', 'lead', 2, ['sales', 'care', 'returns'], 'available'),
  agent('thao', 'Đặng Phương Thảo', 'manager', 3, ['returns', 'care'], 'offline'),
  agent('khoa', 'Võ Đăng Khoa', 'agent', 1, ['care'], 'available'),
];

const queues = [
  { id: 'sales', name: 'Tư vấn bán hàng', isMember: true },
  { id: 'care', name: 'Chăm sóc khách hàng', isMember: true },
  { id: 'returns', name: 'Đổi trả & bảo hành', isMember: false },
];

const customerNames = [
  'Nguyễn Thị Hồng Nhung',
  'Trần Văn Đức',
  'Lê Hoàng Anh',
  'Phạm Minh Châu',
  'Huỳnh Gia Bảo',
  'Emily Carter',
  'Vũ Thị Thanh Huyền',
  'Bùi Xuân Trường',
  'Đỗ Ngọc Diệp',
  'Hoàng Thị Kim Oanh',
  'Ngô Đình Phúc',
  'James O’Neill',
  'Phan Khánh Linh',
  'Công Tằng Tôn Nữ Thị Minh Nguyệt',
  'Dương Quốc Việt',
  'Khách 7f3a',
];

const cannedReplies: CannedReplyView[] = [
  canned('chao', 'Chào khách', 'Dạ em chào anh/chị {{customer.givenName}}, em có thể giúp gì cho mình ạ?'),
  canned('phiship', 'Phí giao hàng', 'Dạ phí giao hàng là 30.000 ₫, miễn phí cho đơn từ 500.000 ₫ ạ.'),
  canned('don', 'Tình trạng đơn', 'Dạ đơn {{order.number}} của anh/chị đang ở trạng thái {{order.status}} ạ.'),
  canned('doitra', 'Đổi trả trong 7 ngày', 'Dạ bên em nhận đổi trả trong 7 ngày, sản phẩm còn nguyên tem mác ạ.'),
  canned('xinloi', 'Xin lỗi khách', 'Dạ em rất xin lỗi vì sự bất tiện này. Em kiểm tra và báo lại ngay ạ.'),
];

const openings: [string, string][] = [
  ['Shop ơi, đơn hàng của em đặt từ thứ Hai mà vẫn chưa thấy giao, kiểm tra giúp em với ạ', 'giao-hang'],
  ['Áo khoác màu be còn size M không shop?', 'hoi-hang'],
  ['Mình nhận được hàng nhưng bị rách đường may ở tay áo, đổi giúp mình nhé', 'doi-tra'],
  ['Hi, do you ship to Da Nang? How long does it take?', 'giao-hang'],
  ['Mình chuyển khoản rồi nhưng đơn vẫn báo chưa thanh toán', 'thanh-toan'],
  ['Cho mình hỏi phí ship về Buôn Ma Thuột là bao nhiêu vậy ạ?', 'giao-hang'],
  ['Đã 3 ngày không ai trả lời, làm ăn kiểu gì vậy?', 'khieu-nai'],
  ['Mã giảm giá SINHNHAT không áp dụng được', 'khuyen-mai'],
  ['I received the wrong colour, can I exchange it?', 'doi-tra'],
  ['Shop tư vấn giúp mình chọn size với, mình cao 1m62 nặng 54kg', 'hoi-hang'],
  ['Em muốn đổi địa chỉ nhận hàng của đơn DH-20418', 'giao-hang'],
  ['Cảm ơn shop nhiều nha, giao nhanh quá', 'hoi-hang'],
];

/** @param now epoch ms that everything is relative to  @param count how many conversations */
export function makeFakeWorkspace(now: number, count = 46): FakeWorkspace {
  const customers = customerNames.map((name, index) => makeCustomer(name, index, now));
  const conversations = Array.from({ length: count }, (_, index) => makeConversation(index, now, customers));
  for (const customer of customers) {
    customer.conversations = conversations.filter((one) => one.customer.id === customer.id).slice(0, 50);
  }
  const messages = new Map(conversations.map((one) => [one.id, makeMessages(one)]));
  return { me: agents[0]!, agents, queues, conversations, customers, messages, cannedReplies };
}

function agent(
  id: string,
  name: string,
  role: AgentView['role'],
  tier: AgentView['tier'],
  queueIds: string[],
  presence: AgentView['presence'],
): AgentView {
  return { id, name, email: `${id}@cuahang.example`, role, tier, queueIds, isActive: true, presence };
}

function canned(shortcut: string, title: string, text: string): CannedReplyView {
  return { id: `canned-${shortcut}`, shortcut, title, text, language: 'vi' };
}

function makeCustomer(name: string, index: number, now: number): CustomerView {
  const isNamed = !name.startsWith('Khách');
  return {
    id: `customer-${index}`,
    name: isNamed ? name : null,
    displayName: name,
    givenName: isNamed ? name.split(' ').at(-1)! : null,
    email: index % 3 === 0 ? `khach${index}@thu.example` : null,
    phone: index % 2 === 0 ? `09${String(12345678 + index * 7919).slice(0, 8)}` : null,
    language: /[A-Z][a-z]+ [CO]/.test(name) && !/[ăâđêôơư]/i.test(name) ? 'en' : 'vi',
    address: index % 3 === 1 ? '12 Nguyễn Trãi, phường Bến Thành, Quận 1, TP. Hồ Chí Minh' : null,
    note: index === 2 ? 'Hay mua quà tặng, gói cẩn thận giúp chị.' : null,
    isVerified: index % 4 === 0,
    identities: [
      {
        channel: { id: 'web', name: 'Web chat cửa hàng' },
        externalId: `visitor-${index}`,
        isVerified: index % 4 === 0,
      },
    ],
    segments: index % 5 === 0 ? ['vip'] : [],
    orders: Array.from({ length: index % 4 }, (_, order) => ({
      number: `DH-${20418 + index * 3 + order}`,
      status: ['shipped', 'delivered', 'pending', 'returned'][(index + order) % 4]!,
      total: 389_000 + order * 150_000,
      currency: 'VND',
      placedAt: now - (order + 2) * 3 * DAY,
      items: [{ name: 'Áo khoác gió nữ màu be, size M', quantity: 1, price: 389_000 }],
      trackingUrl: null,
    })),
    createdAt: now - 200 * DAY,
    lastSeenAt: now - index * 3 * MINUTE,
    conversations: [],
  };
}

function makeConversation(index: number, now: number, customers: CustomerView[]): ConversationView {
  const customer = customers[index % customers.length]!;
  const [text, tag] = openings[index % openings.length]!;
  const queue = queues[index % 3]!;
  const state = (['open', 'open', 'open', 'waiting', 'open', 'snoozed', 'open', 'open', 'closed', 'open'] as const)[
    index % 10
  ]!;
  const assignee = index % 3 === 2 ? null : agents[index % 3 === 0 ? 0 : index % agents.length]!;
  const lastMessageAt = now - index * 3 * MINUTE - (index > 20 ? (index - 20) * 2 * HOUR : 0);
  const isAnswered = state !== 'open' || index % 7 === 4;
  const tier = index % 11 === 6 ? 2 : 1;
  return {
    id: `conversation-${index}`,
    customer: { id: customer.id, name: customer.displayName },
    channel: { id: 'web', name: 'Web chat cửa hàng', kind: 'web-chat' },
    queue: { id: queue.id, name: queue.name },
    assignee: assignee === null ? null : { id: assignee.id, name: assignee.name },
    state,
    tier,
    priority: index % 9 === 6 ? 'urgent' : index % 9 === 2 ? 'high' : 'normal',
    tags: index % 2 === 0 ? [tag] : index % 5 === 3 ? [tag, 'hoa-toc', 'vip'] : [],
    subjectLine: null,
    waitingSince: isAnswered ? null : lastMessageAt,
    snoozedUntil: state === 'snoozed' ? now + 2 * HOUR : null,
    lastMessageAt,
    lastMessage: isAnswered
      ? { author: 'agent', text: 'Dạ em đã kiểm tra, đơn sẽ tới trong ngày mai ạ.', hasAttachments: false }
      : { author: 'customer', text, hasAttachments: index % 12 === 2 },
    isUnread: !isAnswered && index % 4 !== 1,
    pendingCount: index === 3 ? 2 : 0,
    hasDraft: index % 8 === 1,
    draftStart: index % 8 === 1 ? 'Dạ chị cho em xin' : '',
    answers: [{ label: 'Bạn cần hỗ trợ về', value: tag === 'hoi-hang' ? 'Tư vấn sản phẩm' : 'Đơn hàng' }],
    escalation:
      tier === 2
        ? {
            reason: 'Khách yêu cầu bồi thường vượt hạn mức của em.',
            by: { id: 'tuan', name: 'Trần Anh Tuấn' },
            fromQueue: { id: 'care', name: 'Chăm sóc khách hàng' },
            fromTier: 1,
            at: lastMessageAt - HOUR,
            earlier: [],
          }
        : null,
    language: customer.language,
    createdAt: lastMessageAt - 40 * MINUTE,
    closedAt: state === 'closed' ? lastMessageAt : null,
    previousConversationId: null,
    may: { reply: true, reassign: true, escalate: true },
    maxTextLength: 4000,
    seenPosition: null,
    customerPosition: 0,
  };
}

function makeMessages(conversation: ConversationView): MessageView[] {
  const { customer, lastMessageAt, assignee } = conversation;
  const lines: [MessageView['author']['kind'], string, number][] = [
    ['customer', 'Shop ơi cho mình hỏi chút ạ', 38],
    ['agent', `Dạ em chào anh/chị ${customer.name.split(' ').at(-1)}, em có thể giúp gì ạ?`, 36],
    ['customer', 'Mình có đặt một chiếc áo khoác màu be hôm thứ Hai, mã đơn DH-20418.', 33],
    ['agent', 'Dạ anh/chị chờ em kiểm tra với bên vận chuyển một lát nhé.', 30],
  ];
  if (conversation.lastMessage !== null) {
    lines.push([conversation.lastMessage.author, conversation.lastMessage.text, 0]);
  }
  return lines.map(([kind, text, minutesAgo], index) => ({
    id: `${conversation.id}-message-${index}`,
    conversationId: conversation.id,
    position: (index + 1) * 1000,
    kind: 'public',
    author:
      kind === 'customer'
        ? { kind, id: customer.id, name: customer.name }
        : { kind, id: assignee?.id ?? 'tuan', name: assignee?.name ?? 'Trần Anh Tuấn' },
    text,
    attachments: [],
    at: lastMessageAt - minutesAgo * MINUTE,
    isPending: false,
    commandId: null,
    state: kind === 'agent' ? (index < 3 ? 'read' : 'delivered') : null,
    stateReason: null,
    system: null,
  }));
}
