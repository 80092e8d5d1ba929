// Preloaded into every target the launcher starts. Windows has no signals to forward, and a killed
// launcher forwards nothing, so the wish to stop travels over the IPC channel as well.
import { isMainThread } from 'node:worker_threads';

// Forked children and workers inherit the preload but are not the launcher's to stop.
const isStartedByLauncher = process.env.LIENDESK_LAUNCHER === String(process.ppid);
delete process.env.LIENDESK_LAUNCHER;

if (isMainThread && isStartedByLauncher && process.channel) {
  const stop = (signal) => {
    if (!process.emit(signal, signal)) process.exit(1);
  };
  process.on('message', (message) => {
    if (message?.launcher === 'stop') stop(message.signal);
  });
  process.on('disconnect', () => stop('SIGTERM'));
  process.channel.unref();
}
