import path from 'node:path';

// Words that name nothing. See "Names" in docs/architecture.md.
const emptyWords = /^(util|utils|helper|helpers|manager|managers|common|misc)$/;

/** Reports empty words in file names, folder names and declared names, also as one part of several. */
export const unusedWords = {
  meta: { type: 'suggestion', schema: [] },
  create(context) {
    const file = path.relative(context.cwd, context.filename).replaceAll('\\', '/');
    const check = (node, name) => {
      const word = wordsOf(name).find((one) => emptyWords.test(one));
      if (word) context.report({ node, message: `'${word}' in '${name}' names nothing; say what it is` });
    };
    return {
      Program(node) {
        for (const part of file.split('/')) check(node, part);
      },
      FunctionDeclaration: (node) => node.id && check(node.id, node.id.name),
      ClassDeclaration: (node) => node.id && check(node.id, node.id.name),
      TSTypeAliasDeclaration: (node) => check(node.id, node.id.name),
      TSInterfaceDeclaration(node) {
        check(node.id, node.id.name);
        if (/^I[A-Z][a-z]/.test(node.id.name)) {
          context.report({ node: node.id, message: `'${node.id.name}': no I in front of an interface` });
        }
      },
      VariableDeclarator: (node) => node.id.type === 'Identifier' && check(node.id, node.id.name),
    };
  },
};

function wordsOf(name) {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}
