import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useConsole } from '../../stores/console-context.ts';
import { useCounts } from '../../stores/use-conversations.ts';

/**
 * Tells the agent of customers' messages that are not being looked at, and keeps the number of unread ones on the
 * window's title and the application's icon.
 */
export function useArrivals(): void {
  const { t } = useTranslation('shell');
  const { core, host, settings, tabs } = useConsole();
  const unread = useCounts()?.mineUnread ?? 0;

  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Liendesk` : 'Liendesk';
    host.request('host.setBadge', { count: unread }).catch(() => {
      // Not every host has a badge; the title says it too.
    });
  }, [unread, host]);

  useEffect(
    () =>
      core.onPush('arrived', (arrived) => {
        if (!settings.getState().hasNotifications) return;
        const isLookedAt = document.hasFocus() && tabs.getState().activeId === arrived.conversationId;
        if (isLookedAt) return;
        const title = arrived.isMine ? arrived.customerName : t('arrived.unassigned', { name: arrived.customerName });
        const body = arrived.text === '' ? t('arrived.file') : arrived.text.slice(0, 300);
        host
          .request('host.notify', { title: title.slice(0, 200), body, conversationId: arrived.conversationId })
          .catch(() => {
            // Notifications may be forbidden; the list shows the message all the same.
          });
      }),
    [core, host, settings, tabs, t],
  );
}
