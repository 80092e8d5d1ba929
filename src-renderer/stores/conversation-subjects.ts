/** What `conversation.get` shows of: it is read again when one of them changes. */
export function subjectsOfConversation(conversationId: string): string[] {
  return [`conversation:${conversationId}`, `draft:${conversationId}`, 'queue:*', 'channel:*'];
}
