import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { documentedPatches, patchFaults, type DocumentedPatch } from './documented-patches.ts';
import { readManifests, type Manifest } from './manifests.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const base = 'k8s/base';
const { resources } = parse(read(`${base}/kustomization.yaml`)) as { resources: string[] };
const manifests = (): Manifest[] =>
  resources.flatMap((file) => readManifests(read(`${base}/${file}`)));
const patches = documentedPatches(read('docs/deployment.md'));

test('the documentation patches the Deployments of the services that read a file', () => {
  expect(patches.map(({ deployment }) => deployment)).toEqual(['cases', 'orders']);
});

test.each(patches)(
  'the documented patch of $deployment fits, and gives it the variable of a file that is mounted',
  (patch) => {
    expect(patchFaults(patch, manifests())).toEqual([]);
  },
);

const container = '/spec/template/spec/containers/0';
const [cases] = patches as [DocumentedPatch];

test.each<[string, Partial<DocumentedPatch>, string]>([
  ['of no Deployment', { deployment: 'case' }, 'there is no Deployment case'],
  ['without a variable', { operations: [] }, 'it adds no variable'],
  [
    'with an unknown variable',
    {
      operations: [
        {
          op: 'add',
          path: `${container}/env/-`,
          value: { name: 'RULES_FILE', value: '/data/blobs/rules.json' },
        },
      ],
    },
    'RULES_FILE is unknown to cases',
  ],
  [
    'without its mount',
    { operations: cases.operations.filter(({ path }) => !path.includes('volumeMounts')) },
    'the file of ASSESSMENT_RULES_FILE is not mounted',
  ],
  [
    'without its volume',
    { operations: cases.operations.filter(({ path }) => !path.includes('volumes')) },
    'rules is mounted, and is no volume',
  ],
  [
    'that replaces the volumes',
    { operations: [{ op: 'add', path: '/spec/template/spec/volumes', value: [] }] },
    '/spec/template/spec/volumes replaces what is there',
  ],
  [
    'of another place',
    { operations: [{ op: 'add', path: '/spec/pod/volumes/-', value: {} }] },
    'add /spec/pod/volumes/- fits nothing',
  ],
])('a patch %s is found', (_, change, fault) => {
  expect(patchFaults({ ...cases, ...change }, manifests())).toContain(fault);
});
