import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessageView } from '../../../shared/core-api/views.ts';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';

/** What can be done with one message; the same object for all rows, so that none of them is drawn again for it. */
export function useMessageActions() {
  const { core, drafts, navigation, toasts } = useConsole();
  const { t, i18n } = useTranslation('conversation');
  return useMemo(
    () => ({
      copy(text: string) {
        navigator.clipboard.writeText(text).then(
          () => toasts.getState().show({ tone: 'info', text: t('message.copied') }),
          (error: unknown) => toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) }),
        );
      },
      /** Out of the outbox, and back into the box it was written in: nothing typed is lost by it. */
      async takeBack(message: MessageView) {
        if (message.commandId === null) return;
        const kind = message.kind === 'note' ? 'note' : 'reply';
        try {
          await core.request('outbox.undo', { commandId: message.commandId });
          await drafts.load(message.conversationId);
          const { text } = (drafts.getState().drafts[message.conversationId] ?? { [kind]: { text: '' } })[kind]!;
          const joined = text.trim() === '' ? message.text : `${message.text}\n${text}`;
          drafts.setMode(message.conversationId, kind);
          drafts.edit(message.conversationId, kind, { text: joined, caret: message.text.length });
          for (const attachment of message.attachments) drafts.attach(message.conversationId, kind, attachment);
          toasts.getState().show({ tone: 'info', text: t('message.undone') });
        } catch (error) {
          toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) });
        }
      },
      /** To the list of refused commands. */
      resolve() {
        navigation.getState().showList('attention');
      },
    }),
    [core, drafts, navigation, toasts, t, i18n],
  );
}
