import { type MeasuredProcess, startMeasuredProcess } from './measured-process.ts';

export interface RelayProcess extends MeasuredProcess {
  url: string;
}

/** Starts the real relay on a free port of this machine, on a data folder that may have been seeded. */
export async function startRelayProcess(dataFolder: string): Promise<RelayProcess> {
  const relay = await startMeasuredProcess({
    entry: 'src-relay/main.ts',
    arguments: ['--port', '0', '--data-dir', dataFolder, '--log-level', 'warn'],
    announcement: 'Liendesk relay:',
  });
  return { ...relay, url: relay.announced };
}
