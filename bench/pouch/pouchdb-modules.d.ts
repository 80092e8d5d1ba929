// PouchDB's parts bring no types of their own; only what the benchmark uses is declared.
declare module 'pouchdb-core' {
  export interface PouchDatabase {
    bulkDocs(documents: readonly object[]): Promise<({ ok: true } | { error: true; message?: string })[]>;
    info(): Promise<{ doc_count: number }>;
    get(id: string): Promise<object>;
    close(): Promise<void>;
  }
  interface PouchConstructor {
    new (name: string, options: { adapter: 'leveldb' }): PouchDatabase;
    plugin(plugin: object): PouchConstructor;
    replicate(
      source: PouchDatabase,
      target: PouchDatabase,
      options: { batch_size: number; batches_limit: number },
    ): PromiseLike<{ ok: boolean; docs_written: number }>;
  }
  const PouchDB: PouchConstructor;
  export default PouchDB;
}
declare module 'pouchdb-adapter-leveldb' {
  const plugin: object;
  export default plugin;
}
declare module 'pouchdb-replication' {
  const plugin: object;
  export default plugin;
}
