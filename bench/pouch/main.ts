import { serveCalls } from '../processes/child-calls.ts';
import type { PouchCalls } from './pouch-calls.ts';
import { fillPouch, replicatePouch } from './pouch-database.ts';

serveCalls({
  fill: fillPouch,
  replicate: replicatePouch,
  peakRssBytes: () => process.resourceUsage().maxRSS * 1024,
} satisfies PouchCalls);
