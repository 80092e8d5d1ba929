import { type ComponentType, Fragment, type ReactNode } from 'react';

interface RemoveScrollProps {
  as?: ComponentType<{ children?: ReactNode }>;
  children?: ReactNode;
  allowPinchZoom?: boolean;
  shards?: unknown;
}

/**
 * Stands in for the package of this name (vite.config.ts), by which dialogs and menus lock the page's scrolling. Our
 * page never scrolls, and the package writes a `<style>` element, which our content security policy refuses.
 */
export function RemoveScroll({ as: Wrapper = Fragment, children }: RemoveScrollProps) {
  return <Wrapper>{children}</Wrapper>;
}
