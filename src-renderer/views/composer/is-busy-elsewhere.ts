/** Whether something is being typed or chosen in another place: a search field, a dialog. */
export function isBusyElsewhere(element: Element | null): boolean {
  return element?.closest('input, textarea, select, [role="dialog"], [role="menu"], [role="tab"]') != null;
}
