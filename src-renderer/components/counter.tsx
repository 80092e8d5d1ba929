import styles from './counter.module.css';

/** A count beside a name; nothing for 0. `loud` calls for action. */
export function Counter({ count, tone = 'quiet' }: { count: number | undefined; tone?: 'quiet' | 'accent' | 'loud' }) {
  if (count === undefined || count === 0) return null;
  return <span className={styles[tone]}>{count > 9999 ? '9999+' : count}</span>;
}
