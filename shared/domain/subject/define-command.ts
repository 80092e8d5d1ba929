import type { z } from 'zod';
import { AppError, type ErrorDetails, type ErrorKind } from '../../errors.ts';
import type { Change, CommandSpec, DecideContext, Decision, Seen, SubjectRef } from './subject-kind.ts';

// Typed by the schemas and not by their output: the output would be inferred from `subjects` as well, which may take less.
interface TypedCommand<Args extends z.ZodType, Base extends z.ZodType> {
  type: string;
  v?: number;
  args: Args;
  base?: Base;
  observe?(seen: Seen, args: z.infer<Args>): z.infer<Base>;
  subjects(args: z.infer<Args>): SubjectRef[];
  decide(context: DecideContext, args: z.infer<Args>, base: z.infer<Base>): Decision;
  files?(args: z.infer<Args>): string[];
  isQuiet?: boolean;
  upcast?: CommandSpec['upcast'];
}

/**
 * Declares a command with typed arguments; they and the base are parsed by their schemas before `decide` sees them.
 * An `AppError` thrown by `decide` is a refusal like one that is returned.
 */
export function defineCommand<Args extends z.ZodType, Base extends z.ZodType = z.ZodUndefined>(
  spec: TypedCommand<Args, Base>,
): CommandSpec {
  const { files, isQuiet, observe, upcast } = spec;
  return {
    type: spec.type,
    v: spec.v ?? 1,
    args: spec.args,
    ...(spec.base === undefined ? {} : { base: spec.base }),
    subjects: (args) => spec.subjects(args as z.infer<Args>),
    decide: (context, args, base) => {
      try {
        return spec.decide(context, args as z.infer<Args>, base as z.infer<Base>);
      } catch (error) {
        if (error instanceof AppError) return { ok: false, error };
        throw error;
      }
    },
    ...(observe === undefined ? {} : { observe: (seen, args) => observe(seen, args as z.infer<Args>) }),
    ...(isQuiet === undefined ? {} : { isQuiet }),
    ...(upcast === undefined ? {} : { upcast }),
    ...(files === undefined ? {} : { files: (args) => files(args as z.infer<Args>) }),
  };
}

export function accept(changes: Change[], output?: unknown): Decision {
  return output === undefined ? { ok: true, changes } : { ok: true, changes, output };
}

/** A refusal. `message` is English and says what to do; `details.reason` is what views translate. */
export function refuse(kind: ErrorKind, message: string, details: ErrorDetails = {}): Decision {
  return { ok: false, error: new AppError(kind, message, details) };
}
