import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Names the control file in a child's environment. */
export const CONTROL_VARIABLE = 'LIENDESK_FAULTS_CONTROL';

export interface ChildControl {
  /** Added to what the child takes for the time, ms. */
  clockShiftMs: number;
  /** What becomes of its writes. */
  disk: 'good' | 'full' | 'read-only';
}

const UNDISTURBED: ChildControl = { clockShiftMs: 0, disk: 'good' };

/** No schema library here: every worker thread of a child would load it. */
export function parseControl(text: string): ChildControl {
  return { ...UNDISTURBED, ...(JSON.parse(text) as Partial<ChildControl>) };
}

/** This side of the control file of one child. What it says outlives the child. */
export class ChildController {
  readonly #file: string;
  #control: ChildControl = { ...UNDISTURBED };

  constructor(file: string) {
    this.#file = file;
    this.change({});
  }

  get control(): Readonly<ChildControl> {
    return this.#control;
  }

  /** Takes effect in the child within a moment, and from the first line of one that is started later. */
  change(control: Partial<ChildControl>): void {
    this.#control = { ...this.#control, ...control };
    const half = `${this.#file}.new`;
    writeFileSync(half, JSON.stringify(this.#control));
    renameSync(half, this.#file);
  }

  /** For the Node that runs the child. */
  get nodeArguments(): string[] {
    return [`--import=${pathToFileURL(path.join(import.meta.dirname, 'child-faults.ts')).href}`];
  }

  get env(): NodeJS.ProcessEnv {
    return { ...process.env, [CONTROL_VARIABLE]: this.#file };
  }
}
