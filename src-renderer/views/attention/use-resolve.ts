import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AttentionItem } from '../../../shared/core-api/views.ts';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useOpenConversation } from '../../stores/use-conversations.ts';

export type Resolution = 'send-anyway' | 'edit' | 'discard';

const SAID = { 'send-anyway': 'sendAnywayDone', edit: 'editDone', discard: 'discardDone' } as const;

/** Ends a refused command's wait for a decision, one at a time; what fails is said, and the command stays. */
export function useResolve(item: AttentionItem): {
  isBusy: boolean;
  resolve(resolution: Resolution): Promise<boolean>;
} {
  const { t, i18n } = useTranslation('attention');
  const { core, drafts, toasts } = useConsole();
  const open = useOpenConversation();
  const [isBusy, setBusy] = useState(false);
  const { commandId, conversationId, type } = item;

  const resolve = async (resolution: Resolution) => {
    if (isBusy) return false;
    setBusy(true);
    try {
      if (conversationId !== null) drafts.flush(conversationId);
      await core.request('attention.resolve', { commandId, action: resolution });
      if (resolution === 'edit' && conversationId !== null) {
        await drafts.load(conversationId, true);
        drafts.setMode(conversationId, type === 'note.add' ? 'note' : 'reply');
        open(conversationId);
      }
      toasts.getState().show({ tone: 'info', text: t(SAID[resolution]) });
      return true;
    } catch (error) {
      toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) });
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, resolve };
}
