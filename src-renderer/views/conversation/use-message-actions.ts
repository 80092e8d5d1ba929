import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessageView } from '../../../shared/core-api/views.ts';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';
import { takeBack } from '../../stores/take-back.ts';
import { useCopyText } from '../../stores/use-copy-text.ts';
import { useCommandWords } from '../attention/use-command-words.ts';

/** What can be done with one message; the same object for all rows, so that none of them is drawn again for it. */
export function useMessageActions() {
  const { core, drafts, navigation, toasts } = useConsole();
  const { i18n } = useTranslation('conversation');
  const { saidOf } = useCommandWords();
  const copyText = useCopyText();
  return useMemo(
    () => ({
      copy: copyText,
      /** Out of the outbox, and back into the box it was written in: nothing typed is lost by it. */
      async takeBack(message: MessageView) {
        const { commandId, conversationId, text, attachments } = message;
        if (commandId === null) return;
        const type = message.kind === 'note' ? 'note.add' : 'message.send';
        try {
          const unsent = { commandId, type, conversationId, subjects: [], text, attachments };
          const taken = await takeBack({ core, drafts }, unsent);
          toasts.getState().show({ tone: 'info', text: saidOf(taken) });
        } catch (error) {
          toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) });
        }
      },
      /** To where it is decided: right below in the conversation, else the list of all that is held. */
      resolve({ commandId }: MessageView) {
        const held = document.querySelector<HTMLElement>(`[data-held="${CSS.escape(commandId ?? '')}"] button`);
        if (held === null) navigation.getState().showList('attention');
        else held.focus();
      },
    }),
    [core, drafts, navigation, toasts, i18n, saidOf, copyText],
  );
}
