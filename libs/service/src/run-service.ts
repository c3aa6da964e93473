import { runProcess } from './run-process.ts';
import { startService, type ServiceConfig, type ServiceDefinition } from './start-service.ts';

/** Runs a service as this process, configured by its environment variables. */
export const runService = <Config extends ServiceConfig>(
  service: ServiceDefinition<Config>,
): Promise<void> => runProcess(service.name, (env) => startService(service, env));
