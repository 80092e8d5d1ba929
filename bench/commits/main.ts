import { serveCalls } from '../processes/child-calls.ts';
import { commitBare } from './commit-bare.ts';
import type { CommitCalls } from './commit-calls.ts';
import { commitThroughHub } from './commit-through-hub.ts';

serveCalls({ throughHub: commitThroughHub, bare: commitBare } satisfies CommitCalls);
