import type { Shown } from '../processes/browser-console.ts';
import type { ConsoleCore } from '../processes/console-core.ts';

/**
 * Opens conversations in tabs, as a window saves them; the first is in front.
 * @returns each with its newest message
 */
export async function openTabs(core: ConsoleCore, conversationIds: readonly string[]): Promise<Shown[]> {
  const tabs = conversationIds.map((conversationId) => ({ conversationId, scroll: null }));
  await core.request('setting.set', { key: 'ui.tabs', value: { tabs, activeId: conversationIds[0] } });
  const shown: Shown[] = [];
  for (const conversationId of conversationIds) {
    const { messages } = await core.request('message.list', { conversationId, limit: 1 });
    // Seen: it opens at its end, not at what is new.
    await core.request('conversation.markSeen', { conversationId });
    shown.push({ conversationId, newestMessageId: messages.at(-1)!.id });
  }
  return shown;
}
