import styles from './avatar.module.css';
import { initialsOf, toneOf } from './initials.ts';
import { joinClasses } from './join-classes.ts';

interface AvatarProps {
  id: string;
  name: string;
  /** CSS pixels. */
  size?: 18 | 22 | 28 | 32 | 40;
}

/** Initials on a quiet colour that stays the same for a person. Decoration: the name stands beside it. */
export function Avatar({ id, name, size = 28 }: AvatarProps) {
  return (
    <span className={joinClasses(styles.avatar, styles[`size${size}`], styles[`tone${toneOf(id)}`])} aria-hidden>
      {initialsOf(name)}
    </span>
  );
}
