import 'reflect-metadata';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { startHttpService } from '@casewire/service';
import { createLogger } from '@casewire/telemetry';
import { Module } from '@nestjs/common';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { composeContainers, readCompose, valueOf, type Compose } from './compose.ts';
import { containerFaults } from './container-faults.ts';
import { manifestFaults } from './manifest-faults.ts';
import { deployedContainers, ofKind, podOf, readManifests, type Manifest } from './manifests.ts';
import { isSecret, services } from './services.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const base = 'k8s/base';

const { resources } = parse(read(`${base}/kustomization.yaml`)) as { resources: string[] };
const example = readManifests(read(`${base}/secret.example.yaml`));
const compose = (): Compose => readCompose(read('docker/compose.yaml'));
const manifests = (): Manifest[] =>
  resources.flatMap((file) => readManifests(read(`${base}/${file}`)));

const apps = globSync('apps/*/src/main.ts', { cwd: root })
  .map((file) => file.split('/')[1]!)
  .filter((app) => app !== 'standalone' && app !== 'cli')
  .toSorted();

test('compose and the Deployments have one container for every app, and no others', () => {
  expect(apps.length).toBeGreaterThan(8);
  expect(Object.keys(services).toSorted()).toEqual(apps);
  for (const containers of [composeContainers(compose()), deployedContainers(manifests())])
    expect(containers.map(({ name }) => name).toSorted()).toEqual(apps);
});

test('containers have the variables, ports and commands that the code requires, and no others', () => {
  const containers = [...composeContainers(compose()), ...deployedContainers(manifests())];
  expect(containers.flatMap(containerFaults)).toEqual([]);
});

test('manifests match each other, and restrict all pods alike', () => {
  expect(manifestFaults([...manifests(), ...example])).toEqual([]);
});

test('the kustomization has every manifest except the example of a secret', () => {
  const files = globSync('*.yaml', { cwd: join(root, base) }).filter(
    (file) => file !== 'kustomization.yaml' && file !== 'secret.example.yaml',
  );
  expect(resources.toSorted()).toEqual(files.toSorted());
});

test('the example has every secret that a Deployment uses, and no others', () => {
  const used = ofKind(manifests(), 'Deployment').flatMap((deployment) =>
    podOf(deployment).containers.flatMap(({ env = [] }) =>
      env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef.key ?? []),
    ),
  );
  const shown = example.flatMap(({ stringData = {} }) => Object.keys(stringData));
  expect(shown.toSorted()).toEqual([...new Set(used)].toSorted());
});

test('no container in compose has a secret that is written in the file', () => {
  const given = Object.values(compose().services).flatMap(({ environment = {} }) =>
    Object.entries(environment).filter(([variable]) => isSecret(variable)),
  );
  expect(given.map(([variable]) => variable)).toContain('POSTGRES_PASSWORD');
  expect(given.filter(([variable, text]) => 'text' in valueOf(variable, String(text)))).toEqual([]);
});

test('the image contains no secret, and the build context has every file that the Dockerfile copies', () => {
  const dockerfile = read('docker/Dockerfile');
  const variables = [...dockerfile.matchAll(/^(?:ARG|ENV) (.+)$/gm)].flatMap(([, line]) =>
    line!.split(' ').map((pair) => pair.split('=')[0]!),
  );
  expect(variables.filter(isSecret)).toEqual([]);
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) =>
    files!.split(' '),
  );
  const dockerignore = read('.dockerignore').split('\n');
  expect(copied.length).toBeGreaterThan(5);
  expect(copied.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  expect(copied.filter((file) => !dockerignore.includes(`!${file}`))).toEqual([]);
});

test('every service serves the paths of the probes, and readiness fails while it is not ready', async () => {
  @Module({})
  class Nothing {}
  let missing: string | null = null;
  const service = await startHttpService({
    module: Nothing,
    name: 'probed',
    host: '127.0.0.1',
    port: 0,
    logger: createLogger('probed', 'silent'),
    readiness: { broker: () => missing },
  });
  const paths = [...composeContainers(compose()), ...deployedContainers(manifests())].flatMap(
    ({ probes }) => probes.map(({ path }) => path),
  );
  const statuses = async () =>
    Object.fromEntries(
      await Promise.all(
        [...new Set(paths)].map(async (path) => [path, (await fetch(service.url + path)).status]),
      ),
    );
  try {
    expect(await statuses()).toEqual({ '/healthz': 200, '/readyz': 200 });
    missing = 'it does not answer';
    expect(await statuses()).toEqual({ '/healthz': 200, '/readyz': 503 });
  } finally {
    await service.stop();
  }
});

const inPod =
  (name: string) => (change: (pod: ReturnType<typeof podOf>) => void) => (all: Manifest[]) =>
    change(podOf(ofKind(all, 'Deployment').find(({ metadata }) => metadata.name === name)!));
const inCases = inPod('cases');
const inOrders = inPod('orders');
const inDelivery = inPod('webhook-delivery');

test.each<[string, (all: Manifest[]) => unknown, string]>([
  [
    'a variable that the service does not know',
    inCases((pod) => pod.containers[0]!.env!.push({ name: 'CASE_PORT', value: '1' })),
    'Kubernetes: cases: CASE_PORT is unknown to it',
  ],
  [
    'a variable that is missing',
    inCases((pod) => (pod.containers[0]!.envFrom = [])),
    'KAFKA_BROKERS: is needed',
  ],
  [
    'a value that the service refuses',
    inCases((pod) => pod.containers[0]!.env!.push({ name: 'STAGE_TIMEOUT_MS', value: 'long' })),
    'STAGE_TIMEOUT_MS: Invalid input',
  ],
  [
    'a secret that is written in the file',
    inCases((pod) => (pod.containers[0]!.env = [{ name: 'SEALING_KEY', value: 'c2VjcmV0' }])),
    'Kubernetes: cases: SEALING_KEY is written in the file',
  ],
  [
    'a port on which the service does not listen',
    inCases((pod) => (pod.containers[0]!.ports![0]!.containerPort = 80)),
    'its probe of /readyz uses port 80',
  ],
  [
    'service links, which overwrite variables',
    inCases((pod) => delete pod.enableServiceLinks),
    'Deployment cases: service links overwrite its variables',
  ],
  [
    'a secret of another service that a service does not know',
    inOrders((pod) => pod.containers[0]!.env!.push({ name: 'OPERATOR_KEY', value: '' })),
    'Kubernetes: orders: OPERATOR_KEY is unknown to it',
  ],
  [
    'orders without its database',
    inOrders((pod) => {
      const { env = [] } = pod.containers[0]!;
      pod.containers[0]!.env = env.filter(({ name }) => name !== 'ORDERS_DATABASE_URL');
    }),
    'ORDERS_DATABASE_URL: is needed',
  ],
  [
    'metrics that are not served',
    inDelivery((pod) => {
      const { env = [] } = pod.containers[0]!;
      pod.containers[0]!.env = env.filter(({ name }) => name !== 'METRICS_PORT');
    }),
    'Kubernetes: webhook-delivery: it does not serve its metrics',
  ],
  [
    'another port of the metrics',
    inDelivery((pod) => (pod.containers[0]!.ports![1]!.containerPort = 80)),
    'Kubernetes: webhook-delivery: its metrics are not on 80',
  ],
  [
    'metrics that are scraped elsewhere',
    inDelivery((pod) => (pod.containers[0]!.ports![1]!.containerPort = 80)),
    'Deployment webhook-delivery: its metrics are not scraped where they are',
  ],
  [
    'more instances than partitions',
    (all) => {
      for (const { spec } of ofKind(all, 'HorizontalPodAutoscaler')) spec!.maxReplicas = 13;
    },
    'forensics is scaled to more instances than it has partitions',
  ],
])('of manifests, %s is found', (_, plant, expected) => {
  const planted = manifests();
  plant(planted);
  const faults = [
    ...deployedContainers(planted).flatMap(containerFaults),
    ...manifestFaults(planted),
  ];
  expect(faults.join('\n')).toContain(expected);
});

test.each<[string, Record<string, string>, string]>([
  [
    'a variable that the service does not know',
    { BLOB_FOLDRE: '/data' },
    'compose: cases: BLOB_FOLDRE is unknown to it',
  ],
  ['a variable that is missing', { KAFKA_BROKERS: '' }, 'KAFKA_BROKERS: is needed'],
  [
    'a key with a default',
    { SEALING_KEY: '${SEALING_KEY:-c2VjcmV0}' },
    'compose: cases: SEALING_KEY is written in the file',
  ],
  [
    'a password in an address',
    { CASES_DATABASE_URL: 'postgres://casewire:secret@postgres:5432/casewire_cases' },
    'compose: cases: CASES_DATABASE_URL is written in the file',
  ],
  ['another port', { CASES_PORT: '3009' }, 'compose: cases: it does not listen on 3001'],
])('of compose, %s is found', (_, environment, expected) => {
  const planted = compose();
  Object.assign(planted.services.cases!.environment!, environment);
  expect(composeContainers(planted).flatMap(containerFaults).join('\n')).toContain(expected);
});
