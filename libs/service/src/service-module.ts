import type { DynamicModule, Type } from '@nestjs/common';

/**
 * The Nest module of a service: its controllers, and the instances that are injected into them by class.
 * @param name the name in messages of the framework
 */
export function serviceModule(
  name: string,
  controllers: Type[],
  providers: readonly object[],
): DynamicModule {
  // Nest identifies modules by their constructor, and several services may run in one process.
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
