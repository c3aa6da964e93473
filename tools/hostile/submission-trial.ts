import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { formOf } from '@casewire/client';
import { type CaseView, Problem } from '@casewire/contracts';

import type { HostileFile } from './hostile-file.ts';
import type { Target } from './platform-process.ts';

/** What the API answered to one file, and what became of it. */
export interface Trial {
  name: string;
  about: string;
  /** Null where no answer came. */
  status: number | null;
  /** Of a refusal. */
  code: string | null;
  /** How often it was told to come again, and did. */
  retries: number;
  caseId: string | null;
  /** By stage, of an accepted file: `completed`, or the code of its failure; `open` where it did not come to its end. */
  stages: Record<string, string>;
  /** What must not happen. */
  violation: string | null;
}

export interface TrialOptions {
  target: Target;
  /** How long an accepted file may take from its acceptance on, in milliseconds. */
  terminalMs: number;
  /** How often a 503 with Retry-After is followed. */
  mostRetries?: number;
}

/** How often a request is sent again whose connection broke. */
const mostLost = 3;

/** Submits one file, as often as it is told to come again. */
export async function submitFile(file: HostileFile, options: TrialOptions): Promise<Trial> {
  const { name, about } = file;
  const trial: Trial = {
    name,
    about,
    status: null,
    code: null,
    retries: 0,
    caseId: null,
    stages: {},
    violation: null,
  };
  // The key makes one case of a file, however often it is sent.
  const key = randomUUID();
  for (let lost = 0; ;) {
    const response = await post(options.target, file, key).catch((error: Error) => error);
    if (response instanceof Error) {
      // A connection may break as it is taken up again; a platform that is gone answers at no try.
      if (lost++ < mostLost) continue;
      const { cause } = response;
      const why = cause instanceof Error ? cause.message : response.message;
      return { ...trial, violation: `no answer: ${why}` };
    }
    const { status, retryAfter, text } = response;
    trial.status = status;
    if (status === 202) return { ...trial, caseId: (JSON.parse(text) as CaseView).id };
    trial.code = problemCode(text);
    if (status === 503 && retryAfter !== null) {
      if (trial.retries++ < (options.mostRetries ?? 60)) {
        await delay(Number(retryAfter) * 1000);
        continue;
      }
      return { ...trial, violation: 'was told to come again without end' };
    }
    if (status >= 500) return { ...trial, violation: `answered ${status} ${trial.code}` };
    return trial.code === null
      ? { ...trial, violation: `answered ${status} without a code` }
      : trial;
  }
}

/** Codes by which a stage says that a fault of its own ended the run. */
const faults = new Set(['REQUEST_NOT_UNDERSTOOD', 'CRASHED']);

/** Waits until every stage of an accepted file has come to its end. */
export async function untilTerminal(trial: Trial, options: TrialOptions): Promise<Trial> {
  const { caseId } = trial;
  if (caseId === null) return trial;
  const last = performance.now() + options.terminalMs;
  let stages: Trial['stages'] = {};
  for (;;) {
    const view = await options.target.client.case(caseId).catch((error: Error) => error);
    if (!(view instanceof Error)) {
      stages = stagesOf(view);
      const fault = Object.entries(stages).find(([, code]) => faults.has(code));
      if (fault) return { ...trial, stages, violation: `${fault[0]} ended as ${fault[1]}` };
      if (view.status === 'completed') return { ...trial, stages };
    }
    if (performance.now() > last) {
      return { ...trial, stages, violation: 'the case did not come to its end in time' };
    }
    // Nothing calls back here: a case is asked for until it is completed.
    await delay(500);
  }
}

const stagesOf = ({ uploads }: CaseView): Record<string, string> =>
  Object.fromEntries(
    uploads.flatMap(({ stages }) =>
      stages.map(({ stage, status, failure }) => [
        stage,
        failure?.code ?? (status === 'completed' ? 'completed' : 'open'),
      ]),
    ),
  );

async function post({ url, key }: Target, { name, bytes }: HostileFile, idempotencyKey: string) {
  const form = formOf({ files: [{ name, bytes }] });
  const response = await fetch(`${url}/partner/v1/cases`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'idempotency-key': idempotencyKey },
    body: form,
  });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    text: await response.text(),
  };
}

function problemCode(text: string): string | null {
  try {
    return Problem.parse(JSON.parse(text)).code;
  } catch {
    return null;
  }
}
