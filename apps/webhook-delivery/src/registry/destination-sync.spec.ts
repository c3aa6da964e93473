import type { Endpoint } from '@casewire/contracts';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  type DeliveryDatabase,
} from '../../test/delivery-database.ts';
import { drain } from '../../test/drain.ts';
import { endpoint, Partition } from '../../test/events.ts';
import { KeptLog, ScriptedStore } from '../../test/scripted-store.ts';
import { DestinationSync, type Endpoints } from './destination-sync.ts';

/** However busy the machine is. */
const patience = { timeout: 20_000 };

let database: DeliveryDatabase;
beforeAll(async () => {
  database = await deliveryDatabase();
});
beforeEach(() => database.clear());
afterAll(() => database.drop());

class Registry implements Endpoints {
  private readonly known = new Map<string, Endpoint>();
  private readonly deleted = new Set<string>();
  private readonly listeners = new Set<(id: string) => void>();
  entries = () => this.known.entries();
  get = (id: string) => this.known.get(id);
  isDeleted = (id: string) => this.deleted.has(id);
  onChange = (listener: (id: string) => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  put(one: Endpoint) {
    this.known.set(one.id, one);
    for (const tell of this.listeners) tell(one.id);
  }

  delete(id: string) {
    this.known.delete(id);
    this.deleted.add(id);
    for (const tell of this.listeners) tell(id);
  }

  forget(id: string) {
    this.known.delete(id);
  }
}

const log = new KeptLog();
const syncOf = (registry: Registry, lanes = database.store, wake = () => {}) =>
  new DestinationSync(registry, lanes, database.pool, wake, log);
const destinations = async () =>
  (await database.pool.query('select enabled, deleted from destination order by deleted, id')).rows;

test('what changed while nobody listened is taken over at the start, then every change as it comes', async () => {
  const [registry, gone, stays] = [new Registry(), endpoint(), endpoint()];
  await database.store.ingest(new Partition().batch([gone, stays], {}));
  registry.put(stays);
  registry.delete(gone.id);
  const sync = syncOf(registry);
  await sync.start();
  expect(await destinations()).toEqual([
    { enabled: true, deleted: false },
    { enabled: true, deleted: true },
  ]);
  registry.put({ ...stays, enabled: false, revision: 2 });
  await sync.stop();
  expect(await destinations()).toContainEqual({ enabled: false, deleted: false });
  await expectNoFaults(database);
});

test('an endpoint that the registry does not speak of any more is no deletion: nothing is canceled', async () => {
  const [registry, unheard] = [new Registry(), endpoint()];
  await database.store.ingest(new Partition().batch([unheard], {}));
  const sync = syncOf(registry);
  await sync.start();
  registry.put(unheard);
  registry.forget(unheard.id);
  await sync.synchronize();
  await sync.stop();
  expect(log.events).toContain('destination.unknown');
  expect(await drain(database.store)).toHaveLength(1);
});

test('changes come in their order, also while everything is compared', async () => {
  const registry = new Registry();
  const one = endpoint();
  const sync = syncOf(registry);
  await sync.start();
  registry.put(one);
  const compared = sync.synchronize();
  registry.put({ ...one, enabled: false, revision: 2 });
  registry.put({ ...one, enabled: true, revision: 3 });
  registry.delete(one.id);
  await Promise.all([compared, sync.synchronize()]);
  await sync.stop();
  expect(await destinations()).toEqual([expect.objectContaining({ deleted: true })]);
});

test('a change that could not be applied is applied at the next comparison', async () => {
  const [registry, lanes] = [new Registry(), new ScriptedStore()];
  const sync = new DestinationSync(registry, lanes, database.pool, () => {}, log);
  await sync.start();
  lanes.beforeDestination = () => {
    throw new Error('no database');
  };
  const one = endpoint();
  registry.put(one);
  await vi.waitFor(() => expect(log.events).toContain('destination.not-applied'), patience);
  expect(lanes.destinations).toEqual([]);
  lanes.beforeDestination = () => {};
  await sync.synchronize();
  expect(lanes.destinations).toMatchObject([{ endpointId: one.id }]);
  await sync.stop();
});

test('what is as it was is left alone', async () => {
  const [registry, lanes] = [new Registry(), new ScriptedStore()];
  const [known, changed] = [endpoint({ revision: 3 }), endpoint({ revision: 3 })];
  for (const one of [known, changed])
    await database.store.setDestination({ endpointId: one.id, ...one });
  registry.put(known);
  registry.put({ ...changed, revision: 4 });
  const sync = new DestinationSync(registry, lanes, database.pool, () => {}, log);
  await sync.synchronize();
  expect(lanes.destinations).toMatchObject([{ endpointId: changed.id }]);
});

test('an endpoint that is enabled again wakes the dispatcher', async () => {
  let woken = 0;
  const registry = new Registry();
  const sync = syncOf(registry, database.store, () => void woken++);
  await sync.start();
  registry.put(endpoint());
  await sync.stop();
  expect(woken).toBe(1);
});
