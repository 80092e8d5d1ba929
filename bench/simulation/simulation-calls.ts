/** Calls of a process that plays seeds of the simulator. */
export type SimulationCalls = {
  /** Seeds from `first` on, each to its end. @returns how long each took, in ms; throws where one found a violation */
  play(input: { first: number; count: number; steps: number }): Promise<number[]>;
};
