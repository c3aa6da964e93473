/** A container of a service, as compose or a Deployment has it. */
export interface Container {
  /** What it is called where it is described. */
  name: string;
  /** Where it is described, for what is said about it. */
  where: 'compose' | 'Kubernetes';
  command: readonly string[];
  env: Readonly<Record<string, Value>>;
  /** The port that it is reached at. */
  port: number | undefined;
  probes: readonly Probe[];
}

/** Words that stand in the file, or what it has from somewhere that is no part of it. */
export type Value = { words: string } | { secret: string };

export interface Probe {
  path: string;
  port: number;
}
