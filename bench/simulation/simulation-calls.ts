/** Calls of a process that plays seeds of the simulator. */
export type SimulationCalls = {
  /** Seeds from `first` on, each to its end. @returns how many were played, and which of them found a violation */
  play(input: { first: number; count: number; steps: number }): Promise<{ played: number; violating: number[] }>;
};
