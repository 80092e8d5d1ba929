// The one door of every npm script: plain JavaScript for Node 18 and newer, no dependencies, because
// it runs before there are any.
import fs from 'node:fs';
import { inProject } from './project-root.mjs';
import { LaunchError } from './launch-error.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { ensureBuilds } from './web-builds.mjs';
import { nodeArgumentsOf } from './node-arguments.mjs';
import { runNode } from './run-node.mjs';
import { targets } from './targets.mjs';

async function run([name, ...targetArguments]) {
  const target = Object.hasOwn(targets, name ?? '') ? targets[name] : undefined;
  if (!target) throw new LaunchError(`unknown command "${name ?? ''}"; one of: ${Object.keys(targets).join(', ')}`);
  if (target.entry && !fs.existsSync(inProject(target.entry))) {
    throw new LaunchError(`${name} is not built yet (${target.entry} does not exist)`);
  }
  await ensureDependencies();
  if (target.script) {
    const step = await import(new URL(target.script, import.meta.url));
    return step.run(targetArguments);
  }
  await ensureBuilds(target.builds ?? []);
  return runNode(inProject(target.entry), targetArguments, { nodeArguments: nodeArgumentsOf(target.entry) });
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(error instanceof LaunchError ? `liendesk: ${error.message}\n` : `${error.stack}\n`);
  process.exitCode = 1;
}
