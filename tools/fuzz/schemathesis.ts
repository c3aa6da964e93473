import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Findings } from './findings.ts';
import { operationCoverage, type OperationsDocument } from './operation-coverage.ts';
import type { OperationExample } from './operation-examples.ts';
import { faultsOf } from './response-rules.ts';

export interface SchemathesisRun {
  venv: string;
  /** The folder of reports. */
  folder: string;
  url: string;
  /** The prefix of the API, such as /partner/v1. */
  api: string;
  key: string;
  seed: number;
  seconds: number;
  /** host:port of the receiver of deliveries. */
  receiver: string;
  /** Requests that operations of this API accept. Not empty: every operation must accept a request. */
  examples: readonly OperationExample[];
}

interface Har {
  log: {
    entries: {
      request: { method: string; url: string; headers: Pair[]; postData?: { text?: string } };
      response: {
        status: number;
        headers: Pair[];
        content: { text?: string; encoding?: string };
      };
    }[];
  };
}
type Pair = { name: string; value: string };

/** Time to start, and to write the reports. */
const extraMs = 20_000;

const hooks = fileURLToPath(new URL('./', import.meta.url));

/**
 * Runs schemathesis against one OpenAPI document, and checks every response by `faultsOf` too.
 * @returns the number of requests
 */
export async function runSchemathesis(run: SchemathesisRun, findings: Findings): Promise<number> {
  const name = run.api.split('/')[1]!;
  const har = join(run.folder, `${name}.har`);
  const examples = join(run.folder, `${name}-examples.json`);
  writeFileSync(examples, JSON.stringify(run.examples));
  const child = spawn(
    join(run.venv, 'bin/st'),
    [
      '--no-color',
      '--config-file',
      join(hooks, 'schemathesis.toml'),
      'run',
      `${run.url}${run.api}/openapi.json`,
      '--header',
      `x-api-key: ${run.key}`,
      '--seed',
      String(run.seed),
      '--max-time',
      String(run.seconds),
      '--generation-database',
      'none',
      '--report',
      'har',
      '--report-har-path',
      har,
      '--output-sanitize',
      'false',
      '--report-preserve-bytes',
      '--continue-on-failure',
    ],
    {
      cwd: run.folder,
      env: {
        PATH: process.env.PATH,
        HOME: run.folder,
        PYTHONPATH: hooks,
        PYTHONDONTWRITEBYTECODE: '1',
        SCHEMATHESIS_HOOKS: 'schemathesis_hooks',
        CASEWIRE_FUZZ_RECEIVER: run.receiver,
        CASEWIRE_FUZZ_EXAMPLES: examples,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const late = setTimeout(() => child.kill('SIGTERM'), run.seconds * 1000 + extraMs);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(late);
  const text = printed.join('');
  findings.check(code === 0, `schemathesis against ${run.api} (seed ${run.seed})`, () =>
    failuresIn(text),
  );
  const entries = readReport(har, run.api, findings);
  checkResponses(entries, findings);
  if (run.examples.length > 0) await checkCoverage(run, entries, findings);
  return entries.length;
}

/** The report of schemathesis from the first failure on. */
function failuresIn(text: string): string {
  const from = text.search(/^=+ (?:FAILURES|ERRORS) =+$/m);
  return text.slice(Math.max(from, 0)).slice(0, 12_000);
}

type Entry = Har['log']['entries'][number];

function readReport(file: string, api: string, findings: Findings): Entry[] {
  if (!findings.check(existsSync(file), `schemathesis wrote no report on ${api}`, () => file))
    return [];
  const { entries } = (JSON.parse(readFileSync(file, 'utf8')) as Har).log;
  findings.check(entries.length > 0, `no request was made to ${api}`, () => file);
  return entries;
}

/** An operation that accepts no request is hardly tested: its requests get no further than to the checks of the input. */
async function checkCoverage(
  { url, api }: SchemathesisRun,
  entries: readonly Entry[],
  findings: Findings,
): Promise<void> {
  const document = (await (await fetch(`${url}${api}/openapi.json`)).json()) as OperationsDocument;
  const exchanged = entries.map(({ request, response }) => ({
    method: request.method,
    url: request.url,
    status: response.status,
  }));
  for (const { operation, requests, accepted } of operationCoverage(document, exchanged))
    findings.check(
      accepted > 0,
      `${operation} accepted no request`,
      () => `of ${requests} requests of schemathesis`,
    );
}

function checkResponses(entries: readonly Entry[], findings: Findings): void {
  for (const { request, response } of entries) {
    const { text = '', encoding } = response.content;
    const body = encoding === 'base64' ? Buffer.from(text, 'base64').toString() : text;
    const headers = Object.fromEntries(
      response.headers.map(({ name, value }) => [name.toLowerCase(), value]),
    );
    const requestText = `${request.method} ${request.url} ${JSON.stringify(request.headers)} ${request.postData?.text ?? ''}`;
    const faults = faultsOf({ status: response.status, headers, body }, requestText);
    findings.check(
      faults.length === 0,
      faults.join(', '),
      () => `${requestText.slice(0, 2_000)}\n${response.status} ${body.slice(0, 1_000)}`,
    );
  }
}
