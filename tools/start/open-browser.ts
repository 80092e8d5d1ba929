import { spawn } from 'node:child_process';

/** Opens an address in the default browser. Where that is not possible, the printed address remains. */
export function openBrowser(url: string, platform: NodeJS.Platform): void {
  const [command, args] =
    platform === 'win32'
      ? (['rundll32', ['url.dll,FileProtocolHandler', url]] as const)
      : platform === 'darwin'
        ? (['open', [url]] as const)
        : (['xdg-open', [url]] as const);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
