import {
  applyDecorators,
  StandardSchemaValidationPipe,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';

import { RecordUnreadable } from '../client/errors.ts';
import { HandlerFailures } from './handler-failures.interceptor.ts';

const validation = new StandardSchemaValidationPipe({
  exceptionFactory: (issues) =>
    new RecordUnreadable(
      issues
        .map(({ path = [], message }) => `${path.map(segment).join('.')}: ${message}`)
        .join('; '),
    ),
});

const segment = (part: PropertyKey | { key: PropertyKey }): string =>
  String(typeof part === 'object' ? part.key : part);

const handles = (topic: string | readonly string[], extras: object): MethodDecorator =>
  applyDecorators(
    EventPattern<unknown>(topic, extras),
    UsePipes(validation),
    UseInterceptors(HandlerFailures),
  );

/**
 * The method handles the records of these topics by key. It is `@EventPattern(topic)` with the pipe and the interceptor that
 * distinguish an unreadable record from a failed handler, whatever the service registers globally. A `@Payload({ schema })` is
 * validated and transformed. A record that is not JSON or does not match the schema is dead-lettered without a retry.
 */
export const OnRecord = (topic: string | readonly string[]): MethodDecorator => handles(topic, {});

/** The method handles the records of these topics in batches of one partition: an array of {@link IncomingRecord}. */
export const OnBatch = (topic: string | readonly string[]): MethodDecorator =>
  handles(topic, { shape: 'batch' });
