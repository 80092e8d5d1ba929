import type { i18n } from 'i18next';
import type { Clock } from '../../shared/primitives/clock.ts';
import type { ActionWords } from '../stores/conversation-actions.ts';
import { errorText } from './error-text.ts';
import { formatMoment } from './format-time.ts';

/** What the toasts of conversation actions say, in the language that is set at the moment. */
export function actionWords({ t, language }: i18n, clock: Clock): ActionWords {
  return {
    assignedToMe: (count) => t('shared:done.assignedToMe', { count }),
    assignedTo: (count, name) => t('shared:done.assignedTo', { count, name }),
    unassigned: (count) => t('shared:done.unassigned', { count }),
    moved: (count, queueName) => t('shared:done.moved', { count, name: queueName }),
    closed: (count) => t('shared:done.closed', { count }),
    reopened: (count) => t('shared:done.reopened', { count }),
    snoozed: (count, until) =>
      until === null
        ? t('shared:done.snoozedUntilReply', { count })
        : t('shared:done.snoozed', { count, until: formatMoment(until, language, clock.now()) }),
    waiting: (count) => t('shared:done.waiting', { count }),
    undone: () => t('shared:done.undone'),
    nothingToDo: () => t('shared:done.nothingToDo'),
    error: (error) => errorText(t, error),
  };
}
