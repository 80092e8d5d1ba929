import { homedir } from 'node:os';
import path from 'node:path';

/** The platform's folder for a user's application data, with `Liendesk` in it. */
export function userDataFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  const home = homedir();
  switch (platform) {
    case 'win32':
      return path.join(env['APPDATA'] ?? path.join(home, 'AppData', 'Roaming'), 'Liendesk');
    case 'darwin':
      return path.join(home, 'Library', 'Application Support', 'Liendesk');
    default:
      return path.join(env['XDG_DATA_HOME'] ?? path.join(home, '.local', 'share'), 'Liendesk');
  }
}
