import { Popover as Radix } from 'radix-ui';
import type { ComponentProps } from 'react';
import { joinClasses } from './join-classes.ts';
import styles from './popover.module.css';

export const Popover = Radix.Root;
export const PopoverTrigger = Radix.Trigger;

export function PopoverContent({ className, sideOffset = 6, ...rest }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        className={joinClasses(styles.popover, className)}
        sideOffset={sideOffset}
        collisionPadding={8}
        {...rest}
      />
    </Radix.Portal>
  );
}
