import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { formOf } from '@casewire/client';
import { type CaseView, Problem } from '@casewire/contracts';

import type { HostileFile } from './hostile-file.ts';
import type { Target } from './platform-process.ts';

/** The response of the API to one file, and the results of its stages. */
export interface Trial {
  name: string;
  about: string;
  /** Null where there was no response. */
  status: number | null;
  /** The code of the problem. */
  code: string | null;
  /** How often it was submitted again after a 503. */
  retries: number;
  caseId: string | null;
  /** For an accepted file, by stage: `completed`, the code of the failure, or `open` where it has no result yet. */
  stages: Record<string, string>;
  /** What went wrong, or null. */
  violation: string | null;
}

export interface TrialOptions {
  target: Target;
  /** An accepted file must be completed within this time, in milliseconds. */
  terminalMs: number;
  /** How often a file is submitted again after a 503 with Retry-After. */
  maximumRetries?: number;
}

/** How often a request is sent again after its connection broke. */
const maximumBroken = 3;

/** Submits one file, and again after each 503 with Retry-After. */
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
  // With this idempotency key a file makes one case, however often it is sent.
  const key = randomUUID();
  for (let broken = 0; ;) {
    const response = await post(options.target, file, key).catch((error: Error) => error);
    if (response instanceof Error) {
      // A kept-alive connection may break when it is reused; a platform that has ended answers no attempt.
      if (broken++ < maximumBroken) continue;
      const { cause } = response;
      const reason = cause instanceof Error ? cause.message : response.message;
      return { ...trial, violation: `no response: ${reason}` };
    }
    const { status, retryAfter, text } = response;
    trial.status = status;
    if (status === 202) return { ...trial, caseId: (JSON.parse(text) as CaseView).id };
    trial.code = problemCode(text);
    if (status === 503 && retryAfter !== null) {
      if (trial.retries++ < (options.maximumRetries ?? 60)) {
        await delay(Number(retryAfter) * 1000);
        continue;
      }
      return { ...trial, violation: 'was answered 503 without end' };
    }
    if (status >= 500) return { ...trial, violation: `answered ${status} ${trial.code}` };
    return trial.code === null
      ? { ...trial, violation: `answered ${status} without a code` }
      : trial;
  }
}

/** Codes of failures that are the fault of a stage, not of the document. */
const faults = new Set(['REQUEST_NOT_UNDERSTOOD', 'CRASHED']);

/** Waits until every stage of an accepted file has a result. */
export async function untilTerminal(trial: Trial, options: TrialOptions): Promise<Trial> {
  const { caseId } = trial;
  if (caseId === null) return trial;
  const deadline = performance.now() + options.terminalMs;
  let stages: Trial['stages'] = {};
  for (;;) {
    const view = await options.target.client.case(caseId).catch((error: Error) => error);
    if (!(view instanceof Error)) {
      stages = stagesOf(view);
      const fault = Object.entries(stages).find(([, code]) => faults.has(code));
      if (fault) return { ...trial, stages, violation: `${fault[0]} ended as ${fault[1]}` };
      if (view.status === 'completed') return { ...trial, stages };
    }
    if (performance.now() > deadline) {
      return { ...trial, stages, violation: 'the case was not completed in time' };
    }
    // The trial has no webhook endpoint: it polls the case until it is completed.
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
