import { serviceNames, type ServiceName } from '../../apps/standalone/src/service-env.ts';
import { KeptService } from './kept-service.ts';
import { prefixes } from './prefixes.ts';
import { ServiceProcess } from './service-process.ts';

/** The owners of reference data: they publish it before anybody waits for it. */
const owners: readonly ServiceName[] = ['event-catalog', 'subscriptions'];

/** Every service as a process of its own, started again whenever it dies. */
export class ServiceProcesses {
  /** Path prefix -> where the service that owns it is at present. */
  readonly routes: Record<string, string> = {};
  private readonly services: ReadonlyMap<ServiceName, KeptService>;

  constructor(env: Record<string, string>, say: (line: string) => void) {
    this.services = new Map(
      serviceNames.map((name) => {
        const onUrl = (url: string) => {
          for (const prefix of prefixes[name] ?? []) this.routes[prefix] = url;
        };
        return [name, new KeptService({ service: new ServiceProcess(name, env, say), onUrl, say })];
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

  private users(): KeptService[] {
    return [...this.services]
      .filter(([name]) => !owners.includes(name))
      .map(([, service]) => service);
  }
}
