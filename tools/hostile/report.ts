import type { Trials } from './run-trials.ts';

export interface MemoryLimits {
  /** Resident memory of one process, in bytes. */
  process: number;
}

/** For services; a sandboxed process has one gigabyte of its own, and shared memory. */
export const memoryLimits: MemoryLimits = { process: 1536 * 1024 * 1024 };

const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`;

/** The violations, one line each. */
export function violationsOf({ trials, ends, peaks }: Trials, limits = memoryLimits): string[] {
  return [
    ...trials.flatMap(({ name, about, violation }) =>
      violation === null ? [] : [`${JSON.stringify(name)} (${about}): ${violation}`],
    ),
    ...ends,
    ...[...peaks]
      .filter(([, bytes]) => bytes > limits.process)
      .map(([role, bytes]) => `${role} grew to ${megabytes(bytes)}`),
  ];
}

/** A table of accepted and refused files, results of stages, restarts and memory. */
export function tableOf(trials: Trials): string {
  const rows: [string, string][] = [
    ['files', String(trials.trials.length)],
    ['accepted', String(trials.trials.filter(({ caseId }) => caseId !== null).length)],
    ...counted(
      trials.trials.flatMap(({ caseId, code }) => (caseId ? [] : [code ?? 'no code'])),
    ).map(([code, count]): [string, string] => [`refused ${code}`, count]),
    ['answered 503 with Retry-After', String(sum(trials.trials.map(({ retries }) => retries)))],
    ...counted(
      trials.trials.flatMap(({ stages }) =>
        Object.entries(stages).map(([stage, end]) => `${stage} ${end}`),
      ),
    ),
    ['restarts', String(trials.ends.length)],
    ...[...trials.peaks]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([role, bytes]): [string, string] => [`memory of ${role}`, megabytes(bytes)]),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

function counted(labels: readonly string[]): [string, string][] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([label, count]) => [label, String(count)]);
}
