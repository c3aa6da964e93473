import type { DynamicModule, Type } from '@nestjs/common';

/**
 * The Nest module of a service: its controllers, and the instances that they get by their classes.
 * @param name only for messages of the framework
 */
export function serviceModule(
  name: string,
  controllers: Type[],
  providers: readonly object[],
): DynamicModule {
  // A constructor of its own for each service: several services run in one process.
  const module = { [name]: function () {} }[name] as unknown as Type;
  return {
    module,
    controllers,
    providers: providers.map((instance) => ({
      provide: instance.constructor as Type,
      useValue: instance,
    })),
  };
}
