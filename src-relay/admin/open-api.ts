import { z } from 'zod';
import { ADMIN_API_PREFIX, type AdminRoute } from '../../shared/admin-api/admin-route.ts';
import { listAdminRoutes } from '../../shared/admin-api/admin-routes.ts';
import { errorBodySchema } from '../../shared/errors.ts';

/** The admin API as an OpenAPI 3.1 document, made from the schemas that check the requests. */
export function makeOpenApiDocument(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of listAdminRoutes()) {
    const path = `${ADMIN_API_PREFIX}${route.path.replace(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Liendesk administration', version },
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'Access token of an agent who is an administrator, or the token in the relay’s relay.json.',
        },
      },
      schemas: { Error: toSchema(errorBodySchema, 'output') },
    },
  };
}

function operationOf(route: AdminRoute): object {
  const hasBody = route.method === 'POST' || route.method === 'PATCH';
  const isCreation = route.method === 'POST' && Object.hasOwn(route.body.shape, 'id');
  return {
    operationId: `${route.noun}.${route.verb}`,
    summary: route.does,
    tags: [route.noun],
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.query, 'query'),
      ...(isCreation ? [idempotencyKey] : []),
    ],
    ...(hasBody
      ? { requestBody: { required: true, content: { 'application/json': { schema: toSchema(route.body, 'input') } } } }
      : {}),
    responses: {
      200: { description: 'Done.', content: { 'application/json': { schema: toSchema(route.answer, 'output') } } },
      default: {
        description: 'Refused.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A repeated request with the same key adds nothing twice.',
  schema: { type: 'string', maxLength: 200 },
};

function parametersOf(schema: z.ZodObject, place: 'path' | 'query'): object[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description, ...rest } = toSchema(field as z.ZodType, 'input') as { description?: string };
    const isOptional = (field as z.ZodType).safeParse(undefined).success;
    return {
      name,
      in: place,
      required: place === 'path' || !isOptional,
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function toSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
