import { isBuiltin } from 'node:module';
import path from 'node:path';
import { isBeyondWalls, isPackageAllowed, isPlaceAllowed, isUndecided, wallOf } from './walls.mjs';

/**
 * Reports every import, type import, re-export and dynamic import that crosses a wall of walls.mjs. Resolves paths,
 * so that neither a detour (`../core/../host-electron`) nor an unlisted folder slips through.
 */
export const importWalls = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = path.relative(context.cwd, context.filename).replaceAll('\\', '/');
    const check = (node, source) => {
      if (typeof source?.value !== 'string') return;
      const complaint = complaintAbout(file, source.value);
      if (complaint) context.report({ node, message: complaint });
    };
    return {
      Program(node) {
        if (isBeyondWalls(file) || !isUndecided(file)) return;
        context.report({ node, message: `no line for ${path.posix.dirname(file)} in tools/lint/walls.mjs` });
      },
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal ?? node.argument),
    };
  },
};

function complaintAbout(file, specifier) {
  const isRelative = specifier.startsWith('.');
  const target = isRelative ? path.posix.join(path.posix.dirname(file), specifier.split('?')[0]) : undefined;
  if (target && /(^|\/)main\.tsx?$/.test(target)) return `nobody imports a main.ts ('${specifier}')`;
  if (isBeyondWalls(file)) return undefined;
  if (target && /\.test\.tsx?$/.test(target)) return `product code does not import a test ('${specifier}')`;
  const wall = wallOf(file);
  if (!wall) return undefined;
  if (target) return isPlaceAllowed(wall, target) ? undefined : `${wall.from} may not import ${target}`;
  const isAllowed = isPackageAllowed(wall, specifier, isBuiltin(specifier));
  return isAllowed ? undefined : `${wall.from} may not import '${specifier}'`;
}
