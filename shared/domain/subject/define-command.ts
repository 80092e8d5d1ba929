import type { z } from 'zod';
import { AppError, type ErrorDetails, type ErrorKind } from '../../errors.ts';
import type { Change, CommandSpec, DecideContext, Decision, SubjectRef } from './subject-kind.ts';

interface TypedCommand<Args, Base> {
  type: string;
  v?: number;
  args: z.ZodType<Args>;
  base?: z.ZodType<Base>;
  subjects(args: NoInfer<Args>): SubjectRef[];
  decide(context: DecideContext, args: NoInfer<Args>, base: NoInfer<Base>): Decision;
  files?(args: NoInfer<Args>): string[];
}

/**
 * Declares a command with typed arguments; they and the base are parsed by their schemas before `decide` sees them.
 * An `AppError` thrown by `decide` is a refusal like one that is returned.
 */
export function defineCommand<Args, Base = undefined>(spec: TypedCommand<Args, Base>): CommandSpec {
  const { files } = spec;
  return {
    type: spec.type,
    v: spec.v ?? 1,
    args: spec.args,
    ...(spec.base === undefined ? {} : { base: spec.base }),
    subjects: (args) => spec.subjects(args as Args),
    decide: (context, args, base) => {
      try {
        return spec.decide(context, args as Args, base as Base);
      } catch (error) {
        if (error instanceof AppError) return { ok: false, error };
        throw error;
      }
    },
    ...(files === undefined ? {} : { files: (args) => files(args as Args) }),
  };
}

export function accept(changes: Change[], output?: unknown): Decision {
  return output === undefined ? { ok: true, changes } : { ok: true, changes, output };
}

/** A refusal. `message` is English and says what to do; `details.reason` is what views translate. */
export function refuse(kind: ErrorKind, message: string, details: ErrorDetails = {}): Decision {
  return { ok: false, error: new AppError(kind, message, details) };
}
