import { Problem } from '@casewire/contracts';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { z } from 'zod';

import { componentOf, inputSuffix, openApiSchema } from './named-schemas.ts';

export interface Api {
  /** The common prefix of its routes, such as /partner/v1. */
  path: string;
  title: string;
  description: string;
}

const operationId = (controller: string, method: string) =>
  `${controller.replace(/Controller$/, '')}_${method}`;

/** The OpenAPI 3.1 document of each API, generated from the routes below its path and from the schemas that validate requests. */
export function openApiDocuments(
  app: NestExpressApplication,
  apis: readonly Api[],
): Map<Api, OpenAPIObject> {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setVersion('1')
    .addBearerAuth()
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-api-key' }, 'x-api-key')
    .build();
  const all = SwaggerModule.createDocument(app, config, {
    operationIdFactory: operationId,
    standardSchemaConverter: (schema, { schemaType }) =>
      openApiSchema(schema as z.ZodType, schemaType),
  });
  const problem = openApiSchema(Problem, 'output');
  const schemas = { ...all.components?.schemas, ...problem.components } as Schemas;
  return new Map(apis.map((api) => [api, documentOf(api, all, schemas)]));
}

type Schemas = Record<string, unknown>;

function documentOf(
  { path, title, description }: Api,
  all: OpenAPIObject,
  schemas: Schemas,
): OpenAPIObject {
  const paths = Object.fromEntries(
    Object.entries(all.paths).filter(([one]) => one.startsWith(`${path}/`)),
  );
  const used = schemasOf(paths, schemas);
  const document = {
    ...all,
    info: { ...all.info, title, description },
    paths,
    components: { ...all.components, schemas: used },
  };
  return shortNames(document as OpenAPIObject, Object.keys(used));
}

/** The schemas that a part of the document refers to, directly or through other schemas. */
function schemasOf(part: unknown, schemas: Schemas, found: Schemas = {}): Schemas {
  for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    if (Object.hasOwn(found, name!)) continue;
    // Nest does not collect what only the fields of a form refer to.
    const schema = schemas[name!] ?? componentOf(name!);
    found[name!] = schema;
    schemasOf(schema, schemas, found);
  }
  return found;
}

/** Removes the suffix `Input` from schemas that are used in requests only. */
function shortNames(document: OpenAPIObject, names: readonly string[]): OpenAPIObject {
  const given = new Set(names);
  const short = new Map(
    names
      .filter((name) => name.endsWith(inputSuffix))
      .map((name) => [name, name.slice(0, -inputSuffix.length)] as const)
      .filter(([, name]) => !given.has(name)),
  );
  const renamed = JSON.parse(JSON.stringify(document), (_, value: unknown) => {
    if (typeof value !== 'string') return value;
    const name = /^#\/components\/schemas\/(.+)$/.exec(value)?.[1];
    const other = name === undefined ? undefined : short.get(name);
    return other === undefined ? value : `#/components/schemas/${other}`;
  }) as OpenAPIObject;
  const schemas = Object.entries(renamed.components!.schemas!)
    .map(([name, schema]) => [short.get(name) ?? name, schema] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  renamed.components!.schemas = Object.fromEntries(schemas);
  return renamed;
}
