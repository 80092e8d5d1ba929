/** Saves what is being edited, and answers once the core has it or it is kept elsewhere; never rejects. */
export type SaveEdit = () => Promise<void>;

/** What is being edited where it stands, outside of any draft: whoever ends the session has it saved before. */
export interface OpenEdits {
  /** @returns its own undo */
  add(save: SaveEdit): () => void;
  saveAll(): Promise<void>;
}

export function createOpenEdits(): OpenEdits {
  const open = new Set<SaveEdit>();
  return {
    add(save) {
      open.add(save);
      return () => open.delete(save);
    },
    async saveAll() {
      await Promise.all([...open].map((save) => save()));
    },
  };
}
