import { ChevronDown } from 'lucide-react';
import { type ReactNode, useId } from 'react';
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
  const id = useId();
  const toggle = () => {
    const others = closed.filter((one) => one !== name);
    set('closedSections', isOpen ? [...others, name] : others);
  };
  return (
    <div className={styles.section}>
      <h3>
        <button
          type="button"
          className={styles.trigger}
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          onClick={toggle}
        >
          <ChevronDown size={14} className={styles.chevron} aria-hidden />
          {t(`sections.${name}`)}
          {count !== undefined && count > 0 && <span className={styles.count}>{count}</span>}
        </button>
      </h3>
      {isOpen && (
        <div id={id} className={styles.content}>
          {children}
        </div>
      )}
    </div>
  );
}
