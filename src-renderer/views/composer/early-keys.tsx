import { useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useConsole } from '../../stores/console-context.ts';
import { EMPTY_DRAFTS } from '../../stores/drafts.ts';
import { isBusyElsewhere } from './is-busy-elsewhere.ts';

/**
 * Takes the keys of whoever opened a conversation and types before it is there: they go into the box that comes, and
 * none of them is taken for a shortcut.
 */
export function EarlyKeys({ conversationId }: { conversationId: string }) {
  const { t } = useTranslation('conversation');
  const { drafts } = useConsole();
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (element !== null && !isBusyElsewhere(document.activeElement)) {
      element.focus({ preventScroll: true });
      element.setSelectionRange(element.value.length, element.value.length);
    }
    return () => drafts.setComposing(conversationId, false);
  }, [drafts, conversationId]);
  const { mode, [mode]: part } = drafts.getState().drafts[conversationId] ?? EMPTY_DRAFTS;
  return (
    <textarea
      ref={box}
      className="visually-hidden"
      aria-label={t('pane.loading')}
      defaultValue={part.text}
      onChange={({ target }) => {
        drafts.edit(conversationId, mode, { text: target.value, caret: target.selectionStart });
      }}
      onKeyDown={(event) => {
        // Nothing is sent that was not seen.
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) event.preventDefault();
      }}
      onCompositionStart={() => drafts.setComposing(conversationId, true)}
      onCompositionEnd={() => drafts.setComposing(conversationId, false)}
    />
  );
}
