import { topicSettings } from '@casewire/contracts';

import { type Manifest, ofKind, podOf } from './manifests.ts';

/** The largest number of instances of a stage that get partitions. */
const partitionsOf = (stage: string) =>
  topicSettings.find(({ topic }) => topic === `${stage}.requests`)?.partitions ?? Infinity;

/** The faults between manifests: names that do not exist, and pods with fewer restrictions than the others. */
export function manifestFaults(manifests: readonly Manifest[]): string[] {
  const deployments = ofKind(manifests, 'Deployment');
  const names = new Set(deployments.map(({ metadata }) => metadata.name));
  const selected = ({ kind, metadata, spec }: Manifest) => {
    const label = (spec!.selector!.matchLabels ?? spec!.selector!)['app.kubernetes.io/name'];
    return names.has(String(label)) ? [] : [`${kind} ${metadata.name} selects nothing`];
  };
  return [
    ...deployments.flatMap(deploymentFaults),
    ...['Service', 'PodDisruptionBudget'].flatMap((kind) =>
      ofKind(manifests, kind).flatMap(selected),
    ),
    ...ofKind(manifests, 'HorizontalPodAutoscaler').flatMap(({ spec }) => {
      const { name } = spec!.scaleTargetRef!;
      if (!names.has(name)) return [`${name} is scaled, but does not exist`];
      return spec!.maxReplicas! > partitionsOf(name)
        ? [`${name} is scaled to more instances than it has partitions`]
        : [];
    }),
    ...ofKind(manifests, 'Secret').flatMap(({ stringData = {}, data = {} }) =>
      Object.entries({ ...stringData, ...data })
        .filter(([, value]) => value !== '')
        .map(([key]) => `Secret: ${key} is written in the file`),
    ),
  ];
}

function deploymentFaults(deployment: Manifest): string[] {
  const { name } = deployment.metadata;
  const pod = podOf(deployment);
  const [container] = pod.containers;
  const faults: string[] = [];
  const labels = deployment.spec!.template!.metadata.labels;
  if (labels['app.kubernetes.io/name'] !== name) faults.push('its pods have another name');
  // Service links set <SERVICE>_PORT to an address; services have variables of the same name.
  if (pod.enableServiceLinks !== false) faults.push('service links overwrite its variables');
  if (pod.securityContext?.runAsNonRoot !== true) faults.push('it may run as root');
  if (container?.securityContext?.readOnlyRootFilesystem !== true)
    faults.push('its root file system can be written');
  if (!isScraped(deployment)) faults.push('its metrics are not scraped where they are');
  return faults.map((fault) => `Deployment ${name}: ${fault}`);
}

/** Whether the annotations, by which Prometheus finds what to scrape, are those of the port of the metrics; without one there are none. */
function isScraped(deployment: Manifest): boolean {
  const annotations = Object.entries(deployment.spec!.template!.metadata.annotations ?? {});
  const scraping = annotations.filter(([name]) => name.startsWith('prometheus.io/'));
  const port = podOf(deployment).containers[0]?.ports?.find(({ name }) => name === 'metrics');
  const expected =
    port === undefined ? [] : ['scrape=true', `port=${port.containerPort}`, 'path=/metrics'];
  const found = scraping.map(([name, value]) => `${name.slice('prometheus.io/'.length)}=${value}`);
  return found.toSorted().join(' ') === expected.toSorted().join(' ');
}
