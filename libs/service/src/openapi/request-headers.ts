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
 * The header Idempotency-Key, checked and documented; undefined where it is not given.
 * @throws Refusal 400 for a key that is not one
 */
export const GivenIdempotencyKey = (): ParameterDecorator => (target, method, index) => {
  read()(target, method, index);
  ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same key with the same request takes effect once, and gets the same answer.',
    schema: openApiSchema(IdempotencyKey, 'input').schema,
  })(target, method!, Object.getOwnPropertyDescriptor(target, method!)!);
};

/** Documents the header by which a submitter gives an id to trace by; the route reads it itself. */
export const TakesCorrelationId = () =>
  ApiHeader({
    name: 'x-correlation-id',
    required: false,
    description: 'The same as the field `correlationId`, which may be given instead.',
    schema: openApiSchema(CorrelationId, 'input').schema,
  });
