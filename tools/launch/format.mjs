import { inProject } from './project-root.mjs';
import { runNode } from './run-node.mjs';

/** `npm run format [-- path…]` */
export function run(paths) {
  return runNode(inProject('node_modules', 'oxfmt', 'bin', 'oxfmt'), paths.length > 0 ? paths : ['.']);
}
