import { serviceNames, type ServiceName } from '@casewire/standalone';
import { LogLevels, type LogLevel } from '@casewire/telemetry';

import { prefixes } from './prefixes.ts';
import { ServiceProcess } from './service-process.ts';
import { SupervisedService } from './supervised-service.ts';

/** The services that publish reference data; they start first, because the others wait for it. */
const publishers: readonly ServiceName[] = ['event-catalog', 'subscriptions'];

/** Whether a line is printed. Services log at level info, because their start is read from their log; a line that is no log line is always printed. */
function isAtLeast(level: LogLevel, line: string): boolean {
  const found = /^\{"level":"(\w+)"/.exec(line)?.[1];
  const rank = (name: string) => (LogLevels as readonly string[]).indexOf(name);
  return found === undefined || rank(found) <= rank(level);
}

/** Every service in its own process, started again whenever it ends. */
export class ServiceProcesses {
  /** Path prefix -> the present base URL of the service that serves it. */
  readonly routes: Record<string, string> = {};
  private readonly services: ReadonlyMap<ServiceName, SupervisedService>;

  /**
   * @param print receives the starts and ends of the services, and their log lines
   * @param level the least severe level of log lines that is printed
   */
  constructor(
    env: Record<string, string>,
    print: (line: string) => void,
    level: LogLevel = 'info',
  ) {
    const printLine = (line: string) => isAtLeast(level, line) && print(line);
    this.services = new Map(
      serviceNames.map((name) => {
        const onUrl = (url: string) => {
          for (const prefix of prefixes[name] ?? []) this.routes[prefix] = url;
        };
        return [
          name,
          new SupervisedService({
            service: new ServiceProcess(name, env, printLine),
            onUrl,
            print,
          }),
        ];
      }),
    );
  }

  /**
   * Resolves when all services have started.
   * @throws ServiceEnded if a service cannot start; others may run already
   */
  async start(): Promise<void> {
    for (const name of publishers) await this.services.get(name)!.start();
    await Promise.all(this.subscribers().map((service) => service.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.subscribers().map((service) => service.stop()));
    for (const name of publishers.toReversed()) await this.services.get(name)!.stop();
  }

  private subscribers(): SupervisedService[] {
    return [...this.services]
      .filter(([name]) => !publishers.includes(name))
      .map(([, service]) => service);
  }
}
