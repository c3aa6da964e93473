import { Topics, uuidV5, type CaseCommandMessage } from '@casewire/contracts';
import type { OutgoingRecord } from '@casewire/event-log';
import { pick, seeded, type Random } from '@casewire/samples';

import { hostileValue } from '../hostile-values.ts';

/** What must become of a record: a dead letter, or an event that the command was refused. */
export type Expectation = 'dead letter' | 'refusal';

export interface CommandTarget {
  organizationId: string;
  /** A completed case and a canceled one of the organization. */
  completed: string;
  canceled: string;
}

export interface CommandTrial {
  /** The id of the command, and of the trial: in the header `fuzz-id` of its record. */
  id: string;
  what: string;
  expected: Expectation;
  record: OutgoingRecord;
}

type Command = Record<string, unknown>;
type Base = (target: CommandTarget, id: string) => Command;

const command = (
  type: CaseCommandMessage['type'],
  caseId: string,
  id: string,
  target: CommandTarget,
) => ({
  type,
  commandId: id,
  caseId,
  organizationId: target.organizationId,
  environment: 'sandbox',
  requestedBy: { type: 'api_key', id: 'fuzz', name: null },
});

/** Valid commands that a case refuses. */
const refused: Record<string, Base> = {
  'an unknown case': (target, id) => command('CancelCase', uuidV5('fuzz', id), id, target),
  'an unknown case to delete': (target, id) =>
    command('DeleteCase', uuidV5('fuzz', id), id, target),
  'a completed case to cancel': (target, id) => command('CancelCase', target.completed, id, target),
  'a canceled case to refresh': (target, id) => command('RefreshCase', target.canceled, id, target),
  'a case of another organization': (target, id) => ({
    ...command('DeleteCase', target.completed, id, target),
    organizationId: uuidV5('fuzz', 'organization'),
  }),
  'a case of the other environment': (target, id) => ({
    ...command('DeleteCase', target.completed, id, target),
    environment: 'production',
  }),
  'an unknown upload': (target, id) => ({
    ...command('RefreshCase', target.completed, id, target),
    uploadIds: [uuidV5('fuzz', id)],
  }),
};

/** Changes of a refused command that leave it valid. */
const harmless: Record<string, (of: Command) => Command> = {
  'further fields': (of) => ({ ...of, ['constructor']: { prototype: 1 }, more: [[]] }),
  'a large further field': (of) => ({ ...of, more: 'x'.repeat(700_000) }),
  'names of any characters': (of) => ({
    ...of,
    requestedBy: { type: 'person', id: '\u0001\u{10ffff}', name: '\u202e\u2028' },
  }),
};

const names = ['type', 'commandId', 'caseId', 'organizationId', 'environment', 'requestedBy'];
const otherValues = [null, 0, -1, 1e308, true, '', 'x', [], {}, [[]], { type: 'api_key' }];

/** Changes that leave no command. */
const fatal: Record<string, (of: Command, random: Random) => unknown> = {
  'a name that cannot be stored': (of, random) => ({
    ...of,
    requestedBy: { type: 'person', id: 'p', name: pick(random, ['\u0000', '\ud800']) },
  }),
  'a field is missing': (of, random) => {
    const { [pick(random, names)]: _, ...rest } = of;
    return rest;
  },
  'a field of another type': (of, random) => ({
    ...of,
    [pick(random, names)]: pick(random, otherValues),
  }),
  'an unknown type': (of) => ({ ...of, type: 'ApproveCase' }),
  'no stages': (of) => ({ ...of, type: 'RefreshCase', stages: [] }),
  'an unknown stage': (of) => ({ ...of, type: 'RefreshCase', stages: ['payment'] }),
  'a long name': (of) => ({
    ...of,
    requestedBy: { type: 'person', id: 'x', name: 'x'.repeat(500_000) },
  }),
  'other JSON': (_, random) => pick(random, otherValues),
  'an array of it': (of) => [of],
};

/** The n-th record of a seed: the same for the same cases. */
export function commandTrial(seed: number, number: number, target: CommandTarget): CommandTrial {
  const random = seeded((Math.imul(seed, 0x01000193) + number) >>> 0);
  const id = uuidV5('fuzz command', `${seed}`, `${number}`, target.completed);
  const name = pick(random, Object.keys(refused));
  const base = refused[name]!(target, id);
  const { what, value, expected } = changed(base, random);
  const key = pick(random, [base.caseId as string, null, '', 'k'.repeat(10_000)]);
  return {
    id,
    what: `${name}, ${what}`,
    expected,
    record: { topic: Topics.caseCommands, key, value, headers: { 'fuzz-id': id } },
  };
}

function changed(
  base: Command,
  random: Random,
): { what: string; value: Buffer | string | null; expected: Expectation } {
  const kind = random();
  if (kind < 0.2) return { what: 'as it is', value: JSON.stringify(base), expected: 'refusal' };
  if (kind < 0.4) {
    const what = pick(random, Object.keys(harmless));
    return { what, value: JSON.stringify(harmless[what]!(base)), expected: 'refusal' };
  }
  if (kind < 0.8) {
    const what = pick(random, Object.keys(fatal));
    const value = JSON.stringify(fatal[what]!(base, random));
    return { what, value, expected: 'dead letter' };
  }
  return { ...hostileValue(random), expected: 'dead letter' };
}
