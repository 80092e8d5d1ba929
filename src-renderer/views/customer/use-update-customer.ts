import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Profile } from '../../../shared/domain/customer/customer.ts';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';
import { isSignedOut, keepAsNote } from '../../stores/keep-typed.ts';

interface UpdateCustomer {
  /**
   * Changes fields.
   * @param lost what was typed, where no view shows it any more: when it is refused, it is kept
   * @returns whether the core has it; if not, a toast said why
   */
  update(profile: Partial<Profile>, lost?: () => string | null): Promise<boolean>;
  /** Puts what was typed into the note box of the conversation; a toast says why, and where it is. */
  keep(text: string, why: string): Promise<void>;
}

/** How a customer is changed beside one of their conversations. */
export function useUpdateCustomer(customerId: string, conversationId: string): UpdateCustomer {
  const { core, drafts, makeId, toasts } = useConsole();
  const { t, i18n } = useTranslation('customer');
  const keep = useCallback(
    async (text: string, why: string) => {
      const isKept = await keepAsNote(drafts, conversationId, text);
      toasts.getState().show({ tone: 'error', text: isKept ? `${why} ${t('keptAsNote')}` : why });
    },
    [drafts, toasts, t, conversationId],
  );
  const update = useCallback(
    async (profile: Partial<Profile>, lost?: () => string | null) => {
      try {
        await core.request('customer.update', { customerId, profile, commandId: makeId() });
        return true;
      } catch (error) {
        // The box of whoever signed out goes with them.
        const text = isSignedOut(error) ? '' : (lost?.() ?? '');
        await keep(text, errorText(i18n.t, error));
        return false;
      }
    },
    [core, makeId, keep, customerId, i18n],
  );
  return { update, keep };
}
