import {
  AlarmClock,
  Archive,
  CircleUserRound,
  Hourglass,
  type LucideIcon,
  MessageCircleReply,
  MessagesSquare,
  TrendingUp,
  TriangleAlert,
  UserRoundPlus,
} from 'lucide-react';
import type { ListView } from '../../stores/navigation.ts';

/** The signs of the lists. */
export const VIEW_ICONS: Record<ListView, LucideIcon> = {
  mine: CircleUserRound,
  unassigned: UserRoundPlus,
  open: MessagesSquare,
  longest: Hourglass,
  escalated: TrendingUp,
  waiting: MessageCircleReply,
  snoozed: AlarmClock,
  closed: Archive,
  attention: TriangleAlert,
};
