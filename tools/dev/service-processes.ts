import { serviceNames, type ServiceName } from '@casewire/standalone';
import { LogLevels, type LogLevel } from '@casewire/telemetry';

import { prefixes } from './prefixes.ts';
import { ServiceProcess } from './service-process.ts';
import { SupervisedService } from './supervised-service.ts';

/** The owners of reference data: they publish it before anybody waits for it. */
const owners: readonly ServiceName[] = ['event-catalog', 'subscriptions'];

/** Whether a line is to be shown. Services log everything, since their start is read from their log; what is no log line is shown. */
function isAtLeast(level: LogLevel, line: string): boolean {
  const found = /^\{"level":"(\w+)"/.exec(line)?.[1];
  const rank = (name: string) => (LogLevels as readonly string[]).indexOf(name);
  return found === undefined || rank(found) <= rank(level);
}

/** Every service as a process of its own, started again whenever it dies. */
export class ServiceProcesses {
  /** Path prefix -> where the service that owns it is at present. */
  readonly routes: Record<string, string> = {};
  private readonly services: ReadonlyMap<ServiceName, SupervisedService>;

  /**
   * @param say gets what happens to the services, and their log lines
   * @param level the least severe log lines that are said
   */
  constructor(env: Record<string, string>, say: (line: string) => void, level: LogLevel = 'info') {
    const sayLine = (line: string) => isAtLeast(level, line) && say(line);
    this.services = new Map(
      serviceNames.map((name) => {
        const onUrl = (url: string) => {
          for (const prefix of prefixes[name] ?? []) this.routes[prefix] = url;
        };
        return [
          name,
          new SupervisedService({ service: new ServiceProcess(name, env, sayLine), onUrl, say }),
        ];
      }),
    );
  }

  /**
   * Resolves when all of them have started.
   * @throws ServiceEnded when one of them cannot; others may run by then
   */
  async start(): Promise<void> {
    for (const name of owners) await this.services.get(name)!.start();
    await Promise.all(this.users().map((service) => service.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.users().map((service) => service.stop()));
    for (const name of owners.toReversed()) await this.services.get(name)!.stop();
  }

  private users(): SupervisedService[] {
    return [...this.services]
      .filter(([name]) => !owners.includes(name))
      .map(([, service]) => service);
  }
}
