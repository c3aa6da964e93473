import 'reflect-metadata';
import { startGateway } from '../../apps/standalone/src/gateway.ts';
import { startInfrastructure } from '../../apps/standalone/src/infrastructure.ts';
import { serviceEnv, serviceNames } from '../../apps/standalone/src/service-env.ts';
import { ServiceProcess } from './service-process.ts';

/** One process per service, on embedded PostgreSQL and an embedded Kafka broker, behind one origin. */
const directory = process.env.CASEWIRE_DIRECTORY ?? '.casewire/platform';
const infrastructure = await startInfrastructure({ directory });
const env = serviceEnv(infrastructure.surroundings);
const urls = new Map<string, string>();
const processes: ServiceProcess[] = [];
for (const name of serviceNames) {
  const service = new ServiceProcess(name, env, (line) => process.stdout.write(`${line}\n`));
  processes.push(service);
  urls.set(name, await service.start());
}
const routes = {
  '/partner': urls.get('cases')!,
  '/registry': urls.get('subscriptions')!,
  '/admin': urls.get('subscriptions')!,
  '/catalog': urls.get('event-catalog')!,
  '/delivery': urls.get('webhook-delivery')!,
};
const gateway = await startGateway(routes, Number(process.env.PORT ?? 3000), () => 'Casewire\n');
process.stdout.write(
  `\nCasewire runs at ${gateway.url}, one process per service; operator key ${env.OPERATOR_KEY}\n\n`,
);

const stop = async () => {
  await gateway.stop();
  await Promise.all(processes.map((service) => service.stop()));
  await infrastructure.stop();
  process.exit(0);
};
process.once('SIGINT', () => void stop());
process.once('SIGTERM', () => void stop());
