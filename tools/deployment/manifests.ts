import { parseAllDocuments } from 'yaml';

import type { Container, Probe, Value } from './container.ts';

/** The checked parts of manifests. */
export interface Manifest {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  spec?: {
    selector?: Labels & { matchLabels?: Labels };
    ports?: { targetPort: string }[];
    scaleTargetRef?: { name: string };
    maxReplicas?: number;
    template?: { metadata: { labels: Labels; annotations?: Labels }; spec: PodSpec };
  };
}

type Labels = Record<string, string>;

interface PodSpec {
  enableServiceLinks?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext?: { runAsNonRoot?: boolean };
  containers: ContainerSpec[];
  volumes?: { name: string }[];
}

interface ContainerSpec {
  command?: string[];
  env?: EnvVariable[];
  envFrom?: { configMapRef: { name: string } }[];
  ports?: { name: string; containerPort: number }[];
  volumeMounts?: { name: string; mountPath: string }[];
  startupProbe?: ProbeSpec;
  livenessProbe?: ProbeSpec;
  readinessProbe?: ProbeSpec;
  securityContext?: { readOnlyRootFilesystem?: boolean; allowPrivilegeEscalation?: boolean };
}

interface EnvVariable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef: { name: string; key: string } };
}

interface ProbeSpec {
  httpGet: { path: string; port: string | number };
}

export const readManifests = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => document.toJS() as Manifest);

export const ofKind = (manifests: readonly Manifest[], kind: string): Manifest[] =>
  manifests.filter((one) => one.kind === kind);

export const podOf = (deployment: Manifest): PodSpec => deployment.spec!.template!.spec;

/** The first container of each Deployment. */
export function deployedContainers(manifests: readonly Manifest[]): Container[] {
  return ofKind(manifests, 'Deployment').map((deployment) => {
    const [container] = podOf(deployment).containers;
    const { command = [], ports = [], startupProbe, livenessProbe, readinessProbe } = container!;
    const portOf = (port: string | number) =>
      typeof port === 'number'
        ? port
        : (ports.find(({ name }) => name === port)?.containerPort ?? NaN);
    return {
      name: deployment.metadata.name,
      where: 'Kubernetes',
      command,
      env: envOf(container!, manifests),
      port: ports[0]?.containerPort,
      metricsPort: ports.find(({ name }) => name === 'metrics')?.containerPort,
      probes: [startupProbe, livenessProbe, readinessProbe]
        .filter((probe) => probe !== undefined)
        .map(({ httpGet }): Probe => ({ path: httpGet.path, port: portOf(httpGet.port) })),
    };
  });
}

function envOf(
  { env = [], envFrom = [] }: ContainerSpec,
  manifests: readonly Manifest[],
): Record<string, Value> {
  const maps = envFrom.map(({ configMapRef }) =>
    ofKind(manifests, 'ConfigMap').find(({ metadata }) => metadata.name === configMapRef.name),
  );
  const shared = maps.flatMap((map) => Object.entries(map?.data ?? {}));
  return {
    ...Object.fromEntries(shared.map(([name, text]) => [name, { text }])),
    ...Object.fromEntries(
      env.map(({ name, value = '', valueFrom }) => [
        name,
        valueFrom ? { secret: valueFrom.secretKeyRef.key } : { text: value },
      ]),
    ),
  };
}
