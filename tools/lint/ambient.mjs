import path from 'node:path';

// Replayed or simulated code takes time and chance as arguments, or one seed would not give one run.
const deterministicPlaces = /^(shared|src-main\/core|src-relay\/(event-log|gateway|delivery|desk))\//;
const processPlaces = /^(shared|src-[a-z]+|tools)\//;
const timerNames = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const forbiddenMembers = { Date: ['now'], Math: ['random'], performance: ['now'] };
const globalObjects = new Set(['globalThis', 'window', 'self']);

export const noAmbientTime = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = fileOf(context);
    const isExempt = /(^|\/)(main|system-clock)\.ts$/.test(file) || isTest(file);
    if (!deterministicPlaces.test(file) || isExempt) return {};
    const report = (node, what) =>
      context.report({ node, message: `${what}: take a clock or a random source as an argument` });
    return {
      MemberExpression(node) {
        const property = nameOfProperty(node);
        const object = node.object.type === 'Identifier' ? node.object.name : nameOfProperty(node.object);
        if (forbiddenMembers[object]?.includes(property)) report(node, `${object}.${property}`);
        if (globalObjects.has(object) && timerNames.has(property)) report(node, property);
      },
      CallExpression(node) {
        if (node.callee.type !== 'Identifier') return;
        if (timerNames.has(node.callee.name)) report(node, node.callee.name);
        if (node.callee.name === 'Date') report(node, 'Date()');
      },
      NewExpression(node) {
        const isNow = node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0;
        if (isNow) report(node, 'new Date()');
      },
      ImportDeclaration(node) {
        if (/^(node:)?(timers|perf_hooks)(\/promises)?$/.test(node.source.value))
          report(node, `'${node.source.value}'`);
      },
    };
  },
};

export const noAmbientProcess = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = fileOf(context);
    const isExempt = /(^|\/)(main|preload)\.tsx?$/.test(file) || isTest(file) || /^tools\/(launch|lint)\//.test(file);
    if (!processPlaces.test(file) || isExempt || file.endsWith('.config.ts')) return {};
    const report = (node, what) =>
      context.report({ node, message: `only main.ts and preload.ts read ${what}; pass it in as an argument` });
    return {
      MemberExpression(node) {
        const property = nameOfProperty(node);
        const object = node.object.type === 'Identifier' ? node.object.name : nameOfProperty(node.object);
        if (object === 'process' && (property === 'env' || property === 'argv')) report(node, `process.${property}`);
      },
      VariableDeclarator(node) {
        if (node.init?.type !== 'Identifier' || node.init.name !== 'process' || node.id.type !== 'ObjectPattern')
          return;
        for (const { key } of node.id.properties) {
          if (key?.name === 'env' || key?.name === 'argv') report(node, `process.${key.name}`);
        }
      },
      ImportDeclaration(node) {
        if (!/^(node:)?process$/.test(node.source.value)) return;
        for (const { imported } of node.specifiers) {
          if (imported?.name === 'env' || imported?.name === 'argv') report(node, `process.${imported.name}`);
        }
      },
    };
  },
};

function fileOf(context) {
  return path.relative(context.cwd, context.filename).replaceAll('\\', '/');
}

function isTest(file) {
  return /\.test\.tsx?$/.test(file);
}

function nameOfProperty(node) {
  if (node.type !== 'MemberExpression') return undefined;
  if (!node.computed) return node.property.name;
  return node.property.type === 'Literal' ? node.property.value : undefined;
}
