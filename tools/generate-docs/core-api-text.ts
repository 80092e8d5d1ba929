import { z } from 'zod';
import { coreEphemerals, corePushes } from '../../shared/core-api/pushes.ts';
import { coreRequests } from '../../shared/core-api/requests.ts';

const INTRODUCTION = `# Core API

Generated from \`shared/core-api\` by \`npm run docs\`; do not edit.

The core answers these requests in every host. \`npm run console:headless -- --relay URL --email E --password-file F --data-dir DIR\` speaks them on stdin and stdout, one JSON object a line:

\`\`\`
→ {"id":1,"request":"conversation.list","input":{"filter":{"view":"mine"}}}
← {"id":1,"ok":true,"output":{"items":[],"total":0}}
← {"id":2,"ok":false,"error":{"kind":"invalid","origin":"console","message":"…","retryable":false}}
← {"push":"changed","payload":{"subjects":["conversation:…"]}}
\`\`\`

Requests that change something answer once the command is safe in the outbox, also offline. Fields marked \`?\` may be left out.
`;

/** The whole of \`docs/core-api.md\`. */
export function coreApiText(): string {
  const requests = Object.entries(coreRequests).map(
    ([name, { does, input, output }]) =>
      `### \`${name}\`\n\n${does}\n\n- input \`${shape(input, 'input')}\`\n- output \`${shape(output, 'output')}\`\n`,
  );
  const pushes = Object.entries(corePushes).map(([name, schema]) => `- \`${name}\` \`${shape(schema, 'output')}\``);
  const ephemerals = Object.entries(coreEphemerals).map(
    ([name, schema]) => `- \`${name}\` \`${shape(schema, 'output')}\``,
  );
  return [
    INTRODUCTION,
    '## Requests\n',
    ...requests,
    '## Pushes\n',
    ...pushes,
    '\n## Ephemerals\n\nMay be dropped at any time.\n',
    ...ephemerals,
    '',
  ].join('\n');
}

interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema | false;
  prefixItems?: JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  additionalProperties?: JsonSchema | boolean;
}

/** A schema on one line, in the manner of a TypeScript type. */
function shape(schema: z.ZodType, io: 'input' | 'output'): string {
  return write(z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema);
}

function write(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(write))].join(' | ');
  if (schema.type === 'array') return writeArray(schema);
  if (schema.type === 'object') return writeObject(schema);
  if (Array.isArray(schema.type)) return schema.type.join(' | ');
  return schema.type ?? 'any';
}

function writeArray(schema: JsonSchema): string {
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map(write).join(', ')}]`;
  const item = write(schema.items === undefined || schema.items === false ? {} : schema.items);
  return item.includes(' | ') ? `(${item})[]` : `${item}[]`;
}

function writeObject(schema: JsonSchema): string {
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) {
    const values = schema.additionalProperties;
    return typeof values === 'object' && Object.keys(values).length > 0 ? `{ [key]: ${write(values)} }` : '{}';
  }
  const fields = properties.map(([name, field]) => {
    const isRequired = schema.required?.includes(name) === true;
    return `${name}${isRequired ? '' : '?'}: ${write(field)}`;
  });
  return `{ ${fields.join(', ')} }`;
}
