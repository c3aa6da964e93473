import { parse } from 'yaml';

import { ofKind, podOf, type Manifest } from './manifests.ts';
import { services } from './services.ts';

/** One operation of a JSON patch (RFC 6902). */
export interface PatchOperation {
  op: string;
  path: string;
  value: unknown;
}

export interface DocumentedPatch {
  /** The name of the Deployment. */
  deployment: string;
  operations: PatchOperation[];
}

interface Overlay {
  configMapGenerator: { name: string; files: string[] }[];
  patches: { target: { name: string }; patch: string }[];
}

/** The patches of Deployments in the YAML blocks of a page that mount a file from a ConfigMap. */
export const documentedPatches = (page: string): DocumentedPatch[] =>
  [...page.matchAll(/```yaml\n(configMapGenerator:[^]*?)```/g)].flatMap(([, block]) =>
    (parse(block!) as Overlay).patches.map(({ target, patch }) => ({
      deployment: target.name,
      operations: parse(patch) as PatchOperation[],
    })),
  );

/** Adds to a list that exists, or a list that does not exist yet; anything else would replace what the base has. */
function applied(deployment: Manifest, { op, path, value }: PatchOperation): string[] {
  const parts = path.split('/').slice(1);
  const last = parts.pop()!;
  const parent = parts.reduce(
    (at: unknown, name) => (at as Record<string, unknown>)?.[name],
    deployment,
  );
  if (op !== 'add' || typeof parent !== 'object' || parent === null)
    return [`${op} ${path} fits nothing`];
  if (last === '-') {
    if (!Array.isArray(parent)) return [`${path} is not a list`];
    parent.push(value);
    return [];
  }
  if (last in parent) return [`${path} replaces what is there`];
  Object.assign(parent, { [last]: value });
  return [];
}

/** The faults of a patch: empty if it fits its Deployment, and gives the service a variable with the path of a file that is mounted. */
export function patchFaults(
  { deployment: name, operations }: DocumentedPatch,
  manifests: readonly Manifest[],
): string[] {
  const deployment = structuredClone(
    ofKind(manifests, 'Deployment').find(({ metadata }) => metadata.name === name),
  );
  if (!deployment) return [`there is no Deployment ${name}`];
  const before = new Set(podOf(deployment).containers[0]!.env!.map((one) => one.name));
  const faults = operations.flatMap((operation) => applied(deployment, operation));
  const pod = podOf(deployment);
  const container = pod.containers[0]!;
  const variables = container.env!.filter((one) => !before.has(one.name));
  const { shape } = services[name as keyof typeof services].config;
  const mounts = container.volumeMounts ?? [];
  const volumes = new Set((pod.volumes ?? []).map((one) => one.name));
  if (variables.length === 0) faults.push('it adds no variable');
  for (const variable of variables) {
    if (!(variable.name in shape)) faults.push(`${variable.name} is unknown to ${name}`);
    if (!mounts.some(({ mountPath }) => variable.value?.startsWith(`${mountPath}/`)))
      faults.push(`the file of ${variable.name} is not mounted`);
  }
  for (const mount of mounts)
    if (!volumes.has(mount.name)) faults.push(`${mount.name} is mounted, and is no volume`);
  return faults;
}
