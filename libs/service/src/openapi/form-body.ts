import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import { z } from 'zod';

import { openApiSchema, type JsonSchema } from './named-schemas.ts';

/**
 * Documents a multipart form by the schema that validates its fields. A field that is not a string is sent as JSON.
 * @param fields the fields other than the files
 * @param files the maximum number of files, in the field `files`
 */
export function FormBody(fields: z.ZodObject, files: { max: number }) {
  const form = fields.extend({ files: z.array(z.file()).min(1).max(files.max) });
  const { schema } = openApiSchema(form, 'input');
  const { schema: named, components } = openApiSchema(fields.extend({}), 'input');
  const { properties } = named as { properties: Record<string, JsonSchema> };
  const typeOf = ({ type, $ref }: JsonSchema) =>
    typeof $ref === 'string' ? components[$ref.split('/').at(-1)!]?.type : type;
  const asJson = Object.keys(properties).filter((name) => typeOf(properties[name]!) !== 'string');
  return applyDecorators(
    ApiConsumes('multipart/form-data'),
    ApiBody({
      schema,
      encoding: Object.fromEntries(
        asJson.map((name) => [name, { contentType: 'application/json' }]),
      ),
    }),
  );
}
