import { EventPattern } from '@nestjs/microservices';

/**
 * `@EventPattern(topic)`: the method handles the records of a topic by key. Nest's own type forbids a handler to name the
 * type of its `@Ctx()`.
 */
export const OnRecord = (topic: string): MethodDecorator => EventPattern<unknown>(topic);

/** `@EventPattern(topic, { shape: 'batch' })`: the method handles the records of a topic in batches of one partition. */
export const OnBatch = (topic: string): MethodDecorator =>
  EventPattern<unknown>(topic, { shape: 'batch' });
