/** One socket of a swarm, whoever serves it. */
export interface SwarmPeer {
  /** Says something that everybody is to receive, and that is answered once it is safe. @param marker found in `text` */
  say(marker: string, text: string): void;
  close(): void;
}

export interface SwarmListener {
  /** Whether `onHeard` is wanted: who only waits for answers need not read what others said. */
  isListening(): boolean;
  /** Something arrived that others (or this one) said. `text` contains its marker. @param events how many are in it */
  onHeard(text: string, events: number): void;
  /** What this one said is safe. */
  onAnswered(marker: string): void;
  /** It cannot go on. */
  onBroken(error: Error): void;
}
