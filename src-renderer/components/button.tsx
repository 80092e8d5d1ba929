import type { ComponentProps } from 'react';
import styles from './button.module.css';
import { joinClasses } from './join-classes.ts';

export interface ButtonProps extends ComponentProps<'button'> {
  variant?: 'primary' | 'plain' | 'danger' | 'quiet';
  size?: 'small' | 'normal' | 'large';
}

export function Button({ variant = 'plain', size = 'normal', className, type = 'button', ...rest }: ButtonProps) {
  return (
    <button type={type} className={joinClasses(styles.button, styles[variant], styles[size], className)} {...rest} />
  );
}
