import { LaunchError } from './launch-error.mjs';
import { buildNames, ensureBuilds } from './web-builds.mjs';

/** `npm run build [-- renderer|widget|core|electron]` */
export async function run(names) {
  const unknown = names.find((name) => !buildNames.includes(name));
  if (unknown) throw new LaunchError(`nothing to build called "${unknown}"; one of: ${buildNames.join(', ')}`);
  await ensureBuilds(names.length > 0 ? names : buildNames);
  return 0;
}
