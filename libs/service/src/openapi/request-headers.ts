import { CorrelationId, IdempotencyKey } from '@casewire/contracts';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';

import { checkIdempotencyKey } from '../idempotency.ts';
import { openApiSchema } from './named-schemas.ts';

const read = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const key = context.switchToHttp().getRequest<Request>().get('idempotency-key');
  if (key !== undefined) checkIdempotencyKey(key);
  return key;
});

/**
 * The header Idempotency-Key, validated and documented; undefined if the request has none.
 * @throws ApiError 400 for an invalid key
 */
export const GivenIdempotencyKey = (): ParameterDecorator => (target, method, index) => {
  read()(target, method, index);
  ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'A request with the same key takes effect once, and its repetitions get the same response.',
    schema: openApiSchema(IdempotencyKey, 'input').schema,
  })(target, method!, Object.getOwnPropertyDescriptor(target, method!)!);
};

/** Documents the header with the correlation id of the submitter. The route reads it itself. */
export const TakesCorrelationId = () =>
  ApiHeader({
    name: 'x-correlation-id',
    required: false,
    description: 'The same as the field `correlationId`, which may be given instead.',
    schema: openApiSchema(CorrelationId, 'input').schema,
  });
