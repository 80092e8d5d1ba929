import { AppError } from '../../shared/errors.ts';
import type { AdminHandlers, AdminParts } from './admin-parts.ts';

export function createBackupHandlers(parts: Pick<AdminParts, 'createBackup'>): Pick<AdminHandlers, 'backup.create'> {
  return {
    'backup.create': async (input, { adminAgentId }) => {
      if (input.to !== undefined && adminAgentId !== null) {
        // An administrator of the workspace is not one of the machine it runs on.
        throw new AppError('forbidden', 'Only who administers the relay’s machine may choose the folder.', {
          reason: 'admin-token-only',
        });
      }
      return parts.createBackup(input.to ?? null);
    },
  };
}
