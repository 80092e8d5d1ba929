import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isForInputMethod } from '../shortcuts/read-keys.ts';
import styles from './dialog.module.css';
import { IconButton } from './icon-button.tsx';
import { joinClasses } from './join-classes.ts';
import { useReturnFocus } from './use-return-focus.ts';

interface DialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  /** What it is about, read out with the title; shown below it. */
  description?: ReactNode;
  /** `top`: near the upper edge, without a visible heading (command menu). */
  place?: 'middle' | 'top';
  size?: 'small' | 'normal' | 'wide';
  /** Buttons at the bottom. */
  footer?: ReactNode;
  /** Where the focus goes when it opens; by default the first thing that takes it. */
  onOpenAutoFocus?: (event: Event) => void;
  children?: ReactNode;
}

export function Dialog({
  isOpen,
  onOpenChange,
  title,
  description,
  place = 'middle',
  size = 'normal',
  footer,
  onOpenAutoFocus,
  children,
}: DialogProps) {
  const { t } = useTranslation('shared');
  const { remember, onCloseAutoFocus } = useReturnFocus();
  const isBare = place === 'top';
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={styles.overlay} />
        <Radix.Content
          className={joinClasses(styles.dialog, styles[place], styles[size])}
          onOpenAutoFocus={(event) => {
            remember();
            onOpenAutoFocus?.(event);
          }}
          onCloseAutoFocus={onCloseAutoFocus}
          onEscapeKeyDown={(event) => {
            // It takes back what an input method composes, not what was written before.
            if (isForInputMethod(event)) event.preventDefault();
          }}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <div className={isBare ? 'visually-hidden' : styles.head}>
            <Radix.Title className={styles.title}>{title}</Radix.Title>
          </div>
          {description !== undefined && (
            <Radix.Description className={isBare ? 'visually-hidden' : styles.description}>
              {description}
            </Radix.Description>
          )}
          {isBare ? children : children != null && <div className={styles.body}>{children}</div>}
          {footer !== undefined && <div className={styles.footer}>{footer}</div>}
          {!isBare && (
            // Last in order, so that the focus does not begin on it.
            <Radix.Close asChild>
              <IconButton label={t('close')} size="small" className={styles.close}>
                <X size={16} aria-hidden />
              </IconButton>
            </Radix.Close>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
