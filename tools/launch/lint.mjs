import { inProject } from './project-root.mjs';
import { runNode } from './run-node.mjs';

/** `npm run lint [-- --fix path…]` */
export function run(lintArguments) {
  const paths = lintArguments.some((one) => !one.startsWith('-')) ? [] : ['.'];
  return runNode(inProject('node_modules', 'oxlint', 'bin', 'oxlint'), ['--type-aware', ...lintArguments, ...paths]);
}
