// The launcher: a small process that starts the sandboxed processes, because to fork the large service for each document is
// slow. It gives each of them a connection to the parent, and reads no byte of it. It ends with its parent, and its
// processes with it.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

import type { ParserKind, FromLauncher, ToLauncher } from './launcher-messages.ts';
import { writeProcessSources } from './process-sources.ts';

const address = (file: string) => new URL(file, import.meta.url).href;
const main = address('../inside/main.ts');
const parsers: Record<ParserKind, string> = {
  pdf: address('../pdf/pdfium.ts'),
  image: address('../image/decoder.ts'),
  archive: address('../archive/zip-directory.ts'),
};
/** Loaded when a job needs them. */
const onDemand = [address('../pdf/pdf-document.ts')];

type Prepared = Extract<ToLauncher, { type: 'prepare' }> & { start: string; code: string };
type Start = Extract<ToLauncher, { type: 'start' }>;

let prepared: Prepared;
/** By token; null: requested, but not started yet. */
const processes = new Map<string, ChildProcess | null>();

function prepare(message: Extract<ToLauncher, { type: 'prepare' }>): Prepared {
  const code = join(message.folder, 'code');
  mkdirSync(code, { mode: 0o700 });
  const roots = [main, ...Object.values(parsers), ...onDemand];
  return { ...message, code, start: writeProcessSources(code, message.settings.sources, roots) };
}

function send(message: FromLauncher): void {
  // A closed channel means that the parent has ended.
  if (process.connected) process.send!(message, () => undefined);
}

function commandFor(kind: ParserKind): string[] {
  const { settings, start, code } = prepared;
  return [
    ...settings.prefix,
    process.execPath,
    '--no-warnings',
    '--permission',
    ...[...settings.readable, `${code}/`].map((path) => `--allow-fs-read=${path}`),
    // sharp is a native add-on; the others need none.
    ...(kind === 'image' ? ['--allow-addons'] : []),
    '--max-old-space-size=512',
    start,
    parsers[kind],
    main,
  ];
}

/** A connection to the parent that has sent its token and has read nothing. */
function connection(token: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(prepared.socket);
    socket.pause();
    socket.once('error', reject);
    socket.write(token, () => resolve(socket));
  });
}

async function launch({ token, kind, document }: Start): Promise<void> {
  processes.set(token, null);
  const file = document === null ? undefined : await open(document, 'r');
  try {
    const socket = await connection(token);
    try {
      if (processes.has(token)) run(token, kind, socket, file?.fd);
    } finally {
      socket.destroy();
    }
  } finally {
    await file?.close();
  }
}

function run(token: string, kind: ParserKind, socket: Socket, document: number | undefined): void {
  const [command, ...args] = commandFor(kind);
  const started = spawn(command!, args, {
    env: {},
    stdio: [socket, 'ignore', 'pipe', document ?? 'ignore'],
  });
  processes.set(token, started);
  let stderr = '';
  started.stderr!.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4000);
  });
  started.once('error', (error) => failed(token, error));
  started.once('close', (_, signal) => {
    if (processes.delete(token)) send({ type: 'ended', token, stderr, signal });
  });
  if (started.pid !== undefined) send({ type: 'started', token, pid: started.pid });
}

function failed(token: string, error: NodeJS.ErrnoException): void {
  if (!processes.delete(token)) return;
  send({ type: 'failed', token, code: error.code ?? 'UNKNOWN', message: error.message });
}

function kill(token: string): void {
  const running = processes.get(token);
  if (running) running.kill('SIGKILL');
  else failed(token, new Error('the sandboxed process was ended before it started'));
}

process.on('message', (message: ToLauncher) => {
  if (message.type === 'prepare') prepared = prepare(message);
  else if (message.type === 'kill') kill(message.token);
  else launch(message).catch((error: Error) => failed(message.token, error));
});

process.once('disconnect', () => {
  for (const running of processes.values()) running?.kill('SIGKILL');
  if (prepared) rmSync(prepared.folder, { recursive: true, force: true });
  // Its exit code is not read, and `process.exit` may wait for ever for a compiling thread.
  process.kill(process.pid, 'SIGKILL');
});

// The parent decides when it ends: a signal to the process group must not interrupt a document.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
