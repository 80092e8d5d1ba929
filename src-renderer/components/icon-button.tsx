import type { ComponentProps } from 'react';
import type { ShortcutId } from '../shortcuts/shortcut-list.ts';
import styles from './icon-button.module.css';
import { joinClasses } from './join-classes.ts';
import { Tooltip } from './tooltip.tsx';

export interface IconButtonProps extends ComponentProps<'button'> {
  /** Its accessible name and tooltip. */
  label: string;
  shortcut?: ShortcutId | undefined;
  /** Why it cannot be used now: it stays focusable and says so. */
  disabledReason?: string | null | undefined;
  size?: 'small' | 'normal';
  tooltipSide?: 'top' | 'right' | 'bottom' | 'left';
}

export function IconButton({
  label,
  shortcut,
  disabledReason = null,
  size = 'normal',
  tooltipSide,
  className,
  onClick,
  type = 'button',
  ...rest
}: IconButtonProps) {
  const isDisabled = disabledReason !== null;
  return (
    <Tooltip
      text={isDisabled ? `${label}: ${disabledReason}` : label}
      shortcut={isDisabled ? undefined : shortcut}
      {...(tooltipSide === undefined ? {} : { side: tooltipSide })}
    >
      <button
        type={type}
        aria-label={label}
        aria-disabled={isDisabled || undefined}
        className={joinClasses(styles.button, styles[size], className)}
        onClick={isDisabled ? (event) => event.preventDefault() : onClick}
        {...rest}
      />
    </Tooltip>
  );
}
