import type { MessageState } from '../../../shared/core-api/views.ts';

/** How a message's way to the customer is shown. `tone` colours icon and text; words come from `delivery.<name>`. */
export interface DeliveryLook {
  name: 'waiting' | 'submitting' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed' | 'unknown' | 'refused';
  tone: 'quiet' | 'good' | 'bad' | 'unsure';
  /** Whether the words stand beside the icon, and not only in its tooltip: what the agent has to act on does. */
  isSpoken: boolean;
}

const LOOKS: Record<MessageState, DeliveryLook> = {
  waiting: { name: 'waiting', tone: 'quiet', isSpoken: true },
  queued: { name: 'sending', tone: 'quiet', isSpoken: false },
  sent: { name: 'sent', tone: 'quiet', isSpoken: false },
  delivered: { name: 'delivered', tone: 'quiet', isSpoken: false },
  read: { name: 'read', tone: 'good', isSpoken: false },
  failed: { name: 'failed', tone: 'bad', isSpoken: true },
  unknown: { name: 'unknown', tone: 'unsure', isSpoken: true },
  refused: { name: 'refused', tone: 'bad', isSpoken: true },
};

const SUBMITTING: DeliveryLook = { name: 'submitting', tone: 'quiet', isSpoken: true };

/** @param hasLeft whether the command that made it is on its way already, so that it cannot be taken back any more */
export function deliveryLook(state: MessageState, hasLeft = false): DeliveryLook {
  return state === 'waiting' && hasLeft ? SUBMITTING : LOOKS[state];
}
