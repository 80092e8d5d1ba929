import { BadgeCheck, CircleHelp } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ConversationView, CustomerView } from '../../../shared/core-api/views.ts';
import type { AppError } from '../../../shared/errors.ts';
import { Avatar } from '../../components/avatar.tsx';
import { Tooltip } from '../../components/tooltip.tsx';
import { errorText } from '../../locales/error-text.ts';
import { formatDate } from '../../locales/format-time.ts';
import { useConversation } from '../../stores/use-conversations.ts';
import { useIsOnline } from '../../stores/use-is-online.ts';
import { useIsPainted } from '../../stores/use-is-painted.ts';
import { useMinute } from '../../stores/use-minute.ts';
import { useQuery } from '../../stores/use-query.ts';
import { ABSENCE_ICONS } from '../conversation/absence-icons.ts';
import { formatAgo } from '../conversation/format-full.ts';
import { kindOfAbsence } from '../conversation/kind-of-absence.ts';
import { CustomerFields } from './customer-fields.tsx';
import { CustomerNote } from './customer-note.tsx';
import styles from './customer-sidebar.module.css';
import { EarlierConversations } from './earlier-conversations.tsx';
import { Orders } from './orders.tsx';
import { Section } from './section.tsx';

/** Who the customer of this conversation is, without having to ask again. */
export function CustomerSidebar({ conversationId }: { conversationId: string }) {
  const { t } = useTranslation('customer');
  const { data, error } = useConversation(conversationId);
  // The messages first.
  const isPainted = useIsPainted();
  return (
    <aside className={styles.sidebar} aria-label={t('label')}>
      {data !== undefined && isPainted && <Customer key={data.customer.id} conversation={data} />}
      {data === undefined && error !== null && <Absent error={error} />}
    </aside>
  );
}

/** Why there is nothing. The conversation's own place says the same in more words, and says it aloud. */
function Absent({ error }: { error: AppError }) {
  const { t } = useTranslation('customer');
  const kind = kindOfAbsence(error, useIsOnline());
  const Icon = ABSENCE_ICONS[kind];
  return (
    <p className={styles.absent}>
      <Icon size={22} aria-hidden />
      {t(`absent.${kind}`)}
    </p>
  );
}

function Customer({ conversation }: { conversation: ConversationView }) {
  const { i18n } = useTranslation('customer');
  const customerId = conversation.customer.id;
  const { data, error } = useQuery('customer.get', { customerId }, [`customer:${customerId}`, 'conversation:*']);
  if (data === undefined) {
    return error === null ? null : (
      <p className={styles.failed} role="alert">
        {errorText(i18n.t, error)}
      </p>
    );
  }
  return (
    <>
      <Identity customer={data} />
      <Section name="details">
        <CustomerFields customer={data} conversationId={conversation.id} />
      </Section>
      <Section name="note">
        <CustomerNote customer={data} conversationId={conversation.id} />
      </Section>
      {conversation.answers.length > 0 && (
        <Section name="answers">
          <dl className={styles.answers}>
            {conversation.answers.map((answer, index) => (
              <div key={index}>
                <dt>
                  <bdi>{answer.label}</bdi>
                </dt>
                <dd dir="auto">{answer.value}</dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      <Section name="orders" count={data.orders.length}>
        <Orders orders={data.orders} />
      </Section>
      <Section name="conversations" count={Math.max(0, data.conversations.length - 1)}>
        <EarlierConversations conversations={data.conversations} currentId={conversation.id} />
      </Section>
    </>
  );
}

function Identity({ customer }: { customer: CustomerView }) {
  const { t, i18n } = useTranslation('customer');
  const now = useMinute();
  const name = customer.isVerified ? 'verified' : 'unverified';
  const Icon = customer.isVerified ? BadgeCheck : CircleHelp;
  const ago = formatAgo(customer.lastSeenAt, i18n.language, now);
  return (
    <header className={styles.identity}>
      <Avatar id={customer.id} name={customer.displayName} size={40} />
      <div className={styles.who}>
        <h2 className={styles.name} title={customer.displayName}>
          <bdi>{customer.displayName}</bdi>
        </h2>
        <div className={styles.badges}>
          <Tooltip text={t(`${name}Hint`)}>
            <span className={styles.badge} data-verified={customer.isVerified || undefined} tabIndex={0}>
              <Icon size={13} aria-hidden />
              {t(name)}
            </span>
          </Tooltip>
          {customer.segments.map((segment) => (
            <span key={segment} className={styles.segment}>
              {segment}
            </span>
          ))}
        </div>
        <p className={styles.seen}>
          {ago !== '' && `${t('lastSeen', { time: ago })} · `}
          {t('since', { date: formatDate(customer.createdAt, i18n.language) })}
        </p>
      </div>
    </header>
  );
}
