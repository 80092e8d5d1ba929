const NAMES = {
  'message.send': 'message-send',
  'note.add': 'note-add',
  'conversation.assign': 'conversation-assign',
  'conversation.move': 'conversation-move',
  'conversation.close': 'conversation-close',
  'conversation.reopen': 'conversation-reopen',
  'conversation.wait': 'conversation-wait',
  'conversation.snooze': 'conversation-snooze',
  'conversation.escalate': 'conversation-escalate',
  'conversation.tag': 'conversation-tag',
  'conversation.setPriority': 'conversation-setPriority',
  'customer.update': 'customer-update',
} as const;

/** The key under which a type of command is put into words; `other` for one that this console does not know. */
export function commandName(type: string): (typeof NAMES)[keyof typeof NAMES] | 'other' {
  return Object.hasOwn(NAMES, type) ? NAMES[type as keyof typeof NAMES] : 'other';
}
