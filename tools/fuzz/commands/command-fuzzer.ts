import { setTimeout as delay } from 'node:timers/promises';

import { Topics } from '@casewire/contracts';
import { deadLetterTopic, EventLog, KeyedConsumer, type IncomingRecord } from '@casewire/event-log';

import type { Findings } from '../findings.ts';
import {
  commandTrial,
  type CommandTarget,
  type CommandTrial,
  type Expectation,
} from './command-trial.ts';

export interface CommandRun {
  brokers: string;
  seed: number;
  /** How many records are sent. */
  records: number;
  target: CommandTarget;
}

/** Time until the last record has its dead letter or its refusal. */
const patienceMs = 30_000;
const batch = 50;

/**
 * Sends records to the topic of commands, and checks that each becomes a dead letter or is refused by an event, as expected.
 * @returns the number of records
 */
export async function fuzzCommands(run: CommandRun, findings: Findings): Promise<number> {
  const log = new EventLog({ brokers: [run.brokers], clientId: 'fuzz' });
  const found = new Map<string, Expectation>();
  const consumer = new KeyedConsumer({
    log,
    groupId: `fuzz-${run.seed}`,
    topics: [Topics.casewireEvents, deadLetterTopic(Topics.caseCommands)],
    handle: async (record) => note(record, found),
  });
  try {
    await consumer.start();
    const trials = Array.from({ length: run.records }, (_, number) =>
      commandTrial(run.seed, number, run.target),
    );
    for (let at = 0; at < trials.length; at += batch)
      await log.send(trials.slice(at, at + batch).map(({ record }) => record));
    await untilAll(trials, found);
    for (const [number, trial] of trials.entries()) check(trial, found, number, run.seed, findings);
    return trials.length;
  } finally {
    await consumer.stop();
    await log.close();
  }
}

function note({ topic, headers }: IncomingRecord, found: Map<string, Expectation>): void {
  if (topic !== Topics.casewireEvents) found.set(headers['fuzz-id'] ?? '', 'dead letter');
  else if (headers.ce_type === 'case.command.refused')
    found.set((headers.ce_id ?? '').replace('command/', ''), 'refusal');
}

async function untilAll(
  trials: readonly CommandTrial[],
  found: ReadonlyMap<string, Expectation>,
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (performance.now() < end && !trials.every(({ id }) => found.has(id))) await delay(100);
}

function check(
  { id, what, expected, record }: CommandTrial,
  found: ReadonlyMap<string, Expectation>,
  number: number,
  seed: number,
  findings: Findings,
): void {
  const actual = found.get(id) ?? 'nothing';
  findings.check(
    actual === expected,
    `a record on ${Topics.caseCommands} became ${actual}, not a ${expected}`,
    () => `seed ${seed}, record ${number}: ${what}\n${String(record.value).slice(0, 1_000)}`,
  );
}
