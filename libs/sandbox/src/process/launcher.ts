// The launcher: a small process that starts the contained children, so that no large one has to fork for it. It gives
// each child its connection to the parent, and sees no byte of what goes over it. It ends with its parent, and its
// children with it.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

import { writeChildSources } from './child-sources.ts';
import type { ChildKind, FromLauncher, ToLauncher } from './launcher-messages.ts';

const address = (file: string) => new URL(file, import.meta.url).href;
const child = address('./child.ts');
const parsers: Record<ChildKind, string> = {
  pdf: address('../pdf/pdfium.ts'),
  image: address('../image/decoder.ts'),
};
/** Loaded when a job asks for them. */
const later = [address('../pdf/pdf-document.ts')];

type Prepared = Extract<ToLauncher, { type: 'prepare' }> & { start: string; code: string };
type Start = Extract<ToLauncher, { type: 'start' }>;

let prepared: Prepared;
/** Null: asked for, and not started yet. */
const children = new Map<string, ChildProcess | null>();

function prepare(message: Extract<ToLauncher, { type: 'prepare' }>): Prepared {
  const code = join(message.folder, 'code');
  mkdirSync(code, { mode: 0o700 });
  const roots = [child, ...Object.values(parsers), ...later];
  return { ...message, code, start: writeChildSources(code, message.settings.sources, roots) };
}

function tell(message: FromLauncher): void {
  // What cannot be sent has nobody to hear it any more.
  if (process.connected) process.send!(message, () => undefined);
}

function commandFor(kind: ChildKind): string[] {
  const { settings, start, code } = prepared;
  return [
    ...settings.prefix,
    process.execPath,
    '--no-warnings',
    '--permission',
    ...[...settings.readable, `${code}/`].map((path) => `--allow-fs-read=${path}`),
    // Native add-ons (sharp) are what lets images be decoded; PDFs need none.
    ...(kind === 'image' ? ['--allow-addons'] : []),
    '--max-old-space-size=512',
    start,
    parsers[kind],
    child,
  ];
}

/** A connection that has shown its token, and of which nothing was read. */
function connection(token: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(prepared.socket);
    socket.pause();
    socket.once('error', reject);
    socket.write(token, () => resolve(socket));
  });
}

async function launch({ token, kind, document }: Start): Promise<void> {
  children.set(token, null);
  const file = document === null ? undefined : await open(document, 'r');
  try {
    const line = await connection(token);
    try {
      if (children.has(token)) run(token, kind, line, file?.fd);
    } finally {
      line.destroy();
    }
  } finally {
    await file?.close();
  }
}

function run(token: string, kind: ChildKind, line: Socket, document: number | undefined): void {
  const [command, ...args] = commandFor(kind);
  const started = spawn(command!, args, {
    env: {},
    stdio: [line, 'ignore', 'pipe', document ?? 'ignore'],
  });
  children.set(token, started);
  let complaints = '';
  started.stderr!.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4000);
  });
  started.once('error', (error) => failed(token, error));
  started.once('close', (_, signal) => {
    if (children.delete(token)) tell({ type: 'ended', token, complaints, signal });
  });
  if (started.pid !== undefined) tell({ type: 'started', token, pid: started.pid });
}

function failed(token: string, error: NodeJS.ErrnoException): void {
  if (!children.delete(token)) return;
  tell({ type: 'failed', token, code: error.code ?? 'UNKNOWN', message: error.message });
}

function kill(token: string): void {
  const running = children.get(token);
  if (running) running.kill('SIGKILL');
  else failed(token, new Error('the contained process was ended before it started'));
}

process.on('message', (message: ToLauncher) => {
  if (message.type === 'prepare') prepared = prepare(message);
  else if (message.type === 'kill') kill(message.token);
  else launch(message).catch((error: Error) => failed(message.token, error));
});

process.once('disconnect', () => {
  for (const running of children.values()) running?.kill('SIGKILL');
  if (prepared) rmSync(prepared.folder, { recursive: true, force: true });
  // Nobody reads its exit code, and `process.exit` may wait for ever for a thread that compiles.
  process.kill(process.pid, 'SIGKILL');
});

// Its parent decides when it ends: a signal to the whole group must not take a document's reader away.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
