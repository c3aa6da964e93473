// Runs the delivery service in its own process, and counts its SQL statements.
import 'reflect-metadata';
import { start } from '@casewire/webhook-delivery';
import { Client } from 'pg';

let statements = 0;
const query = Reflect.get(Client.prototype, 'query') as (...args: unknown[]) => unknown;
Reflect.set(Client.prototype, 'query', function counted(this: Client, ...args: unknown[]) {
  statements++;
  return query.apply(this, args);
});

const service = await start(process.env);
process.on('message', () => process.send!({ statements }));
process.on('disconnect', () => void service.stop().then(() => process.exit(0)));
process.send!({ url: service.url });
