import { WORKSPACE_ID, type Workspace } from '../../shared/domain/workspace/workspace.ts';
import { AppError } from '../../shared/errors.ts';
import type { AdminHandlers } from './admin-parts.ts';
import { type CommandDesk, fieldsOf } from './command-desk.ts';

type WorkspaceRoutes = 'workspace.create' | 'workspace.show' | 'workspace.update';

export function createWorkspaceHandlers(): Pick<AdminHandlers, WorkspaceRoutes> {
  return {
    'workspace.create': async (input, { desk }) => {
      requireTimeZone(input.timeZone);
      const { name, language, timeZone } = input;
      const known = desk.read<Workspace>('workspace', WORKSPACE_ID);
      if (known !== null) {
        const isSame = known.name === name && known.language === language && known.timeZone === timeZone;
        if (isSame) return answer(known);
        throw new AppError('conflict', `This relay serves the workspace "${known.name}" already.`, {
          reason: 'workspace-exists',
          params: { name: known.name },
        });
      }
      return answer(await desk.put<Workspace>('workspace', WORKSPACE_ID, { name, language, timeZone }, null));
    },
    'workspace.show': async (_input, { desk }) => answer(requireWorkspace(desk)),
    'workspace.update': async (input, { desk }) => {
      const was = requireWorkspace(desk);
      requireTimeZone(input.timeZone ?? was.timeZone);
      return answer(await desk.put<Workspace>('workspace', WORKSPACE_ID, { ...fieldsOf(was), ...defined(input) }, was));
    },
  };
}

/** Only the fields that are named in a request. */
export function defined<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]: Exclude<Fields[Key], undefined>;
  };
}

function requireWorkspace(desk: CommandDesk): Workspace {
  const workspace = desk.read<Workspace>('workspace', WORKSPACE_ID);
  if (workspace !== null) return workspace;
  throw new AppError('not_found', 'There is no workspace yet; create it first.', { reason: 'no-workspace' });
}

function requireTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch (cause) {
    throw new AppError('invalid', `"${timeZone}" is no time zone; use a name such as Asia/Ho_Chi_Minh.`, {
      reason: 'time-zone-unknown',
      cause,
    });
  }
}

function answer({ name, language, timeZone }: Workspace) {
  return { name, language, timeZone };
}
