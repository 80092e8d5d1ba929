import { Check, ChevronRight } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import type { ShortcutId } from '../shortcuts/shortcut-list.ts';
import { joinClasses } from './join-classes.ts';
import { KeyHint } from './key-hint.tsx';
import styles from './menu.module.css';

export const Menu = Radix.Root;
export const MenuTrigger = Radix.Trigger;
export const MenuRadioGroup = Radix.RadioGroup;
export const MenuSub = Radix.Sub;

export function MenuContent({ className, sideOffset = 6, ...rest }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        className={joinClasses(styles.menu, className)}
        sideOffset={sideOffset}
        collisionPadding={8}
        {...rest}
      />
    </Radix.Portal>
  );
}

interface ItemProps extends ComponentProps<typeof Radix.Item> {
  icon?: ReactNode;
  shortcut?: ShortcutId;
  tone?: 'normal' | 'danger';
}

export function MenuItem({ icon, shortcut, tone = 'normal', children, className, ...rest }: ItemProps) {
  return (
    <Radix.Item className={joinClasses(styles.item, styles[tone], className)} {...rest}>
      <span className={styles.icon}>{icon}</span>
      <span className={styles.text}>{children}</span>
      {shortcut !== undefined && <KeyHint shortcut={shortcut} />}
    </Radix.Item>
  );
}

export function MenuRadioItem({ children, className, ...rest }: ComponentProps<typeof Radix.RadioItem>) {
  return (
    <Radix.RadioItem className={joinClasses(styles.item, className)} {...rest}>
      <span className={styles.icon}>
        <Radix.ItemIndicator>
          <Check size={14} aria-hidden />
        </Radix.ItemIndicator>
      </span>
      <span className={styles.text}>{children}</span>
    </Radix.RadioItem>
  );
}

export function MenuSubTrigger({
  icon,
  hint,
  children,
  ...rest
}: ComponentProps<typeof Radix.SubTrigger> & { icon?: ReactNode; hint?: ReactNode }) {
  return (
    <Radix.SubTrigger className={styles.item} {...rest}>
      <span className={styles.icon}>{icon}</span>
      <span className={styles.text}>{children}</span>
      <span className={styles.hint}>{hint}</span>
      <ChevronRight size={14} aria-hidden />
    </Radix.SubTrigger>
  );
}

export function MenuSubContent(props: ComponentProps<typeof Radix.SubContent>) {
  return (
    <Radix.Portal>
      <Radix.SubContent className={styles.menu} sideOffset={6} collisionPadding={8} {...props} />
    </Radix.Portal>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className={styles.label}>{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className={styles.separator} />;
}
