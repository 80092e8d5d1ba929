import { ChevronDown, Copy, ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Order } from '../../../shared/domain/customer/customer.ts';
import { useOpenExternal } from '../../stores/use-open-external.ts';
import { formatDate } from '../../locales/format-time.ts';
import { safeUrl } from '../conversation/split-links.ts';
import { formatMoney } from './format-money.ts';
import styles from './orders.module.css';
import { useCopy } from './use-copy.ts';

/** Shown at first; the rest on demand. */
const SHOWN = 4;
const KNOWN_STATUSES = ['pending', 'paid', 'shipped', 'delivered', 'cancelled', 'returned'] as const;
type KnownStatus = (typeof KNOWN_STATUSES)[number];

/** What the customer ordered, newest first. */
export function Orders({ orders }: { orders: readonly Order[] }) {
  const { t } = useTranslation('customer');
  const [isAll, setAll] = useState(false);
  if (orders.length === 0) return <p className={styles.none}>{t('noOrders')}</p>;
  const sorted = orders.toSorted((one, other) => other.placedAt - one.placedAt);
  const hidden = isAll ? 0 : Math.max(0, sorted.length - SHOWN);
  return (
    <ul className={styles.orders}>
      {sorted.slice(0, sorted.length - hidden).map((order) => (
        <OrderCard key={order.number} order={order} />
      ))}
      {hidden > 0 && (
        <li>
          <button type="button" className={styles.more} onClick={() => setAll(true)}>
            {t('order.more', { count: hidden })}
          </button>
        </li>
      )}
    </ul>
  );
}

function OrderCard({ order }: { order: Order }) {
  const { t, i18n } = useTranslation('customer');
  const [isOpen, setOpen] = useState(false);
  const copy = useCopy();
  const openExternal = useOpenExternal();
  const count = order.items.reduce((sum, item) => sum + item.quantity, 0);
  const trackingUrl = order.trackingUrl === null ? null : safeUrl(order.trackingUrl);
  return (
    <li className={styles.order}>
      <div className={styles.line}>
        <button
          type="button"
          className={styles.number}
          title={t('copy', { what: t('order.number') })}
          onClick={() => copy(order.number, t('order.number'))}
        >
          <bdi>{order.number}</bdi>
          <Copy size={11} className={styles.copy} aria-hidden />
        </button>
        <StatusChip status={order.status} />
      </div>
      <div className={styles.line}>
        <span className={styles.date}>{formatDate(order.placedAt, i18n.language)}</span>
        <span className={styles.total}>{formatMoney(order.total, order.currency, i18n.language)}</span>
      </div>
      {order.items.length > 0 && (
        <button
          type="button"
          className={styles.toggle}
          aria-expanded={isOpen}
          aria-label={t('order.show', { number: order.number })}
          onClick={() => setOpen(!isOpen)}
        >
          <ChevronDown size={13} className={styles.chevron} aria-hidden />
          {t('order.items', { count })}
        </button>
      )}
      {isOpen && (
        <ul className={styles.items}>
          {order.items.map((item, index) => (
            <li key={index}>
              <span className={styles.quantity}>{`${item.quantity} ×`}</span>
              <bdi className={styles.item}>{item.name}</bdi>
              <span className={styles.price}>{formatMoney(item.price, order.currency, i18n.language)}</span>
            </li>
          ))}
        </ul>
      )}
      {trackingUrl !== null && (
        <button type="button" className={styles.track} title={trackingUrl} onClick={() => openExternal(trackingUrl)}>
          <ExternalLink size={12} aria-hidden />
          {t('order.track')}
        </button>
      )}
    </li>
  );
}

function StatusChip({ status }: { status: string }) {
  const { t } = useTranslation('customer');
  const known = KNOWN_STATUSES.find((one): one is KnownStatus => one === status);
  return (
    <span className={styles.status} data-status={known}>
      {known === undefined ? status : t(`orderStatus.${known}`)}
    </span>
  );
}
