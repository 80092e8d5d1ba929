import { type MeasuredProcess, startMeasuredProcess } from './measured-process.ts';

export interface RelayProcess extends MeasuredProcess {
  url: string;
}

/** Starts the real relay, on a data folder that may have been seeded. @param port 0: a free one */
export async function startRelayProcess(dataFolder: string, port: number): Promise<RelayProcess> {
  const relay = await startMeasuredProcess({
    entry: 'src-relay/main.ts',
    arguments: ['--port', String(port), '--data-dir', dataFolder, '--log-level', 'warn'],
    announcement: 'Liendesk relay:',
  });
  return { ...relay, url: relay.announced };
}
