import { useStore } from 'zustand';
import { useConsole } from '../../stores/console-context.ts';
import { ConversationPane, CustomerSidebar } from './slots.tsx';

export function Shell() {
  const { tabs } = useConsole();
  const activeId = useStore(tabs, (state) => state.activeId);
  return (
    <main>
      {activeId !== null && <ConversationPane key={activeId} conversationId={activeId} />}
      {activeId !== null && <CustomerSidebar key={`customer-${activeId}`} conversationId={activeId} />}
    </main>
  );
}
