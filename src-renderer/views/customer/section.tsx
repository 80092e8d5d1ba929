import { ChevronDown } from 'lucide-react';
import { Collapsible } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSettings } from '../../stores/use-settings.ts';
import styles from './section.module.css';

type SectionName = 'details' | 'answers' | 'orders' | 'conversations' | 'note';

/** A part of the sidebar that stays open or shut as it was left, for every customer. */
export function Section({ name, count, children }: { name: SectionName; count?: number; children: ReactNode }) {
  const { t } = useTranslation('customer');
  const closed = useSettings((settings) => settings.closedSections);
  const set = useSettings((settings) => settings.set);
  const isOpen = !closed.includes(name);
  const toggle = (next: boolean) => {
    const others = closed.filter((one) => one !== name);
    set('closedSections', next ? others : [...others, name]);
  };
  return (
    <Collapsible.Root className={styles.section} open={isOpen} onOpenChange={toggle}>
      <h3>
        <Collapsible.Trigger className={styles.trigger}>
          <ChevronDown size={14} className={styles.chevron} aria-hidden />
          {t(`sections.${name}`)}
          {count !== undefined && count > 0 && <span className={styles.count}>{count}</span>}
        </Collapsible.Trigger>
      </h3>
      <Collapsible.Content className={styles.content}>{children}</Collapsible.Content>
    </Collapsible.Root>
  );
}
