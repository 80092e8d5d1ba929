/** The page's own storage, or memory where the browser keeps none. Values are forgotten by storing an empty one. */
export function openPageStorage(prefix: string) {
  const memory = new Map<string, string>();
  return {
    get(name: string): string {
      try {
        return localStorage.getItem(prefix + name) || memory.get(name) || '';
      } catch {
        return memory.get(name) || '';
      }
    },
    set(name: string, value: string): void {
      memory.set(name, value);
      try {
        if (value) localStorage.setItem(prefix + name, value);
        else localStorage.removeItem(prefix + name);
      } catch {
        // Full or forbidden: good for this page, gone after it.
      }
    },
  };
}
