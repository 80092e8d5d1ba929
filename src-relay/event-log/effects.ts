import type { Attachment } from '../../shared/domain/conversation/message.ts';
import { kindOf } from '../../shared/domain/registry.ts';
import {
  type Change,
  type RootRow,
  type SubjectRef,
  parseSubjectRef,
} from '../../shared/domain/subject/subject-kind.ts';

/** What a change writes on the relay beside its projection, in the same transaction. */
export type Effect =
  | { kind: 'put-timer'; id: string; subject: string; timer: string; dueAt: number }
  | { kind: 'cancel-timer'; id: string }
  | { kind: 'deliver'; messageId: string; conversationId: string; channelId: string; parts: DeliveryPart[] }
  /** Gives everyone who may see the subject the right to read the files. */
  | { kind: 'link-files'; subject: SubjectRef; fileIds: string[] }
  /** Takes what is personal of the subject out of everything but its rows (SYNC-L7). */
  | { kind: 'erase'; subject: SubjectRef };

export interface DeliveryPart {
  text: string;
  attachments: Attachment[];
}

/** Splits a message into what one call of the channel's platform can carry. Pure. */
export type PlanDelivery = (channelKind: string, message: DeliveryPart) => DeliveryPart[];

/**
 * What the change's kind asks for, in the relay's terms. Pure.
 * @param after the subject's root with the change folded in
 * @param plan splits a message for a channel
 */
export function effectsOf(
  change: Change,
  after: RootRow,
  plan: (channelId: string, message: DeliveryPart) => DeliveryPart[],
): Effect[] {
  const { subject } = change;
  const asked = kindOf(subject)?.effects?.(change, after) ?? [];
  if (asked.length === 0) return [];
  const { id } = parseSubjectRef(subject);
  return asked.map((effect): Effect => {
    switch (effect.kind) {
      case 'put-timer':
        return { ...effect, id: timerId(effect.timer, id), subject };
      case 'cancel-timer':
        return { kind: 'cancel-timer', id: timerId(effect.timer, id) };
      case 'deliver': {
        const { kind, messageId, channelId, text, attachments } = effect;
        return { kind, messageId, conversationId: id, channelId, parts: plan(channelId, { text, attachments }) };
      }
      case 'link-files':
        return { ...effect, subject };
      case 'erase':
        return effect;
    }
  });
}

/** Id of a subject's timer of this name. */
export function timerId(timer: string, subjectId: string): string {
  return `${timer}:${subjectId}`;
}
