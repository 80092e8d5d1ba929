import {
  AlarmClock,
  Archive,
  CircleUserRound,
  Hourglass,
  type LucideIcon,
  MessagesSquare,
  TrendingUp,
  TriangleAlert,
  UserRoundPlus,
} from 'lucide-react';
import type { ListView } from '../../stores/navigation.ts';

/** The signs of the lists, in the order in which they are offered. */
export const VIEW_ICONS: Record<ListView, LucideIcon> = {
  mine: CircleUserRound,
  unassigned: UserRoundPlus,
  open: MessagesSquare,
  waiting: Hourglass,
  escalated: TrendingUp,
  snoozed: AlarmClock,
  closed: Archive,
  attention: TriangleAlert,
};
export const LIST_VIEWS = Object.keys(VIEW_ICONS) as ListView[];
