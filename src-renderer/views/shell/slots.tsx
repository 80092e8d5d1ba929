/**
 * Where other areas' views are put into the shell. A placeholder stands in until the view exists.
 */
interface ConversationSlotProps {
  conversationId: string;
}

export function ConversationPane({ conversationId }: ConversationSlotProps) {
  return <section data-slot="conversation">{conversationId}</section>;
}

export function CustomerSidebar({ conversationId }: ConversationSlotProps) {
  return <aside data-slot="customer">{conversationId}</aside>;
}

export function SearchPanel() {
  return <section data-slot="search" />;
}

export function AttentionView() {
  return <section data-slot="attention" />;
}
