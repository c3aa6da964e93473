/** A sample of the text format of Prometheus: the value of one series. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The text format had a line that is neither a sample nor a comment. */
export class SampleUnreadable extends Error {
  readonly code = 'SAMPLE_UNREADABLE';
}

const line = /^(?<name>[a-zA-Z_]\w*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/;
const label = /(?<name>[a-zA-Z_]\w*)="(?<value>(?:[^"\\]|\\.)*)"(?:,|$)/gy;

/**
 * Reads the samples of a text without escaped characters in its labels. A test on the host holds it against the parser of Prometheus.
 * @throws SampleUnreadable with the line
 */
export const samplesIn = (text: string): Sample[] =>
  text
    .split('\n')
    .filter((one) => one !== '' && !one.startsWith('#'))
    .map((one) => {
      const { name, labels = '', value } = line.exec(one)?.groups ?? {};
      const pairs = [...labels.matchAll(label)];
      if (name === undefined || pairs.map(([pair]) => pair).join('') !== labels)
        throw new SampleUnreadable(one);
      return {
        name,
        labels: Object.fromEntries(pairs.map(({ groups }) => [groups!.name!, groups!.value!])),
        value: value === '+Inf' ? Infinity : Number(value),
      };
    });

/** The metrics of one reading. */
export class Reading {
  readonly samples: readonly Sample[];

  constructor(text: string) {
    this.samples = samplesIn(text);
  }

  /** Reads a server of metrics once. */
  static async of(url: string): Promise<Reading> {
    const response = await fetch(url);
    if (response.status !== 200) throw new Error(`${url} answers ${response.status}`);
    return new Reading(await response.text());
  }

  /** The samples of a name, optionally only those with these labels. */
  named(name: string, labels: Record<string, string> = {}): Sample[] {
    return this.samples.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
  }

  /** The sum of the samples of a name. */
  sum(name: string, labels: Record<string, string> = {}): number {
    return this.named(name, labels).reduce((sum, { value }) => sum + value, 0);
  }
}
