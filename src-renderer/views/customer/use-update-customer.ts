import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Profile } from '../../../shared/domain/customer/customer.ts';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';

/** Changes fields of a customer. @returns whether the core has it; if not, a toast said why */
export function useUpdateCustomer(customerId: string): (profile: Partial<Profile>) => Promise<boolean> {
  const { core, makeId, toasts } = useConsole();
  const { i18n } = useTranslation('customer');
  return useCallback(
    async (profile) => {
      try {
        await core.request('customer.update', { customerId, profile, commandId: makeId() });
        return true;
      } catch (error) {
        toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) });
        return false;
      }
    },
    [core, makeId, toasts, customerId, i18n],
  );
}
