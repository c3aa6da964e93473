/** A container of a service, as in compose or a Deployment. */
export interface Container {
  /** The name of the service in the file. */
  name: string;
  /** The kind of file that describes it, for messages. */
  where: 'compose' | 'Kubernetes';
  command: readonly string[];
  env: Readonly<Record<string, Value>>;
  /** The published port of the API. */
  port: number | undefined;
  /** The published port of the metrics. */
  metricsPort: number | undefined;
  probes: readonly Probe[];
}

/** A value in the file, or the key of a value that comes from outside the file. */
export type Value = { text: string } | { secret: string };

export interface Probe {
  path: string;
  port: number;
}
