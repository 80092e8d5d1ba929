import { CloudOff, Eraser, EyeOff, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { Absence } from './kind-of-absence.ts';

export const ABSENCE_ICONS: Record<Absence, LucideIcon> = {
  erased: Eraser,
  withdrawn: EyeOff,
  notHere: CloudOff,
  failed: TriangleAlert,
};
