/** Answers with one of `options` choices, 0 being that all goes well; `what` is for the one who reads a failure. */
export type Choose = (what: string, options: number) => number;

/** A choice that a run made. */
interface Turn {
  what: string;
  options: number;
  picked: number;
}

/**
 * Runs something once for every sequence of choices it can meet with at most `troubles` choices that are not 0. The
 * run must ask for the same choices whenever it has got the same answers.
 * @returns the number of runs
 */
export async function runEveryPath(troubles: number, run: (choose: Choose) => Promise<void>): Promise<number> {
  let path: Turn[] = [];
  for (let runs = 1; ; runs += 1) {
    let asked = 0;
    let left = troubles;
    const choose: Choose = (what, options) => {
      const turn = path[asked] ?? { what, options: left > 0 ? options : 1, picked: 0 };
      if (turn.what !== what) throw new Error(`asked for ${what}, and before for ${turn.what}`);
      path[asked] = turn;
      asked += 1;
      if (turn.picked > 0) left -= 1;
      return turn.picked;
    };
    try {
      await run(choose);
    } catch (error) {
      throw new Error(`run ${runs}: ${describe(path.slice(0, asked))}`, { cause: error });
    }
    const last = path.findLastIndex(({ picked, options }) => picked + 1 < options);
    if (last === -1) return runs;
    path = path.slice(0, last + 1);
    path[last] = { ...path[last]!, picked: path[last]!.picked + 1 };
  }
}

function describe(path: readonly Turn[]): string {
  const troubles = path.filter(({ picked }) => picked > 0);
  return troubles.length === 0
    ? 'nothing went wrong'
    : troubles.map(({ what, picked }) => `${what} ${picked}`).join(', ');
}
