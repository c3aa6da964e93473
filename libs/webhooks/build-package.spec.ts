import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { buildPackage } from './build-package.ts';
import { encodeSecret } from './src/secret.ts';
import { rawBody, secret, signedHeaders } from './test/signed-requests.ts';

const run = promisify(execFile);
const resolve = createRequire(import.meta.url).resolve;
let folder: string;
/** The only installed package of the receiver. */
let installed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'casewire-package-'));
  const built = join(folder, 'built');
  await buildPackage(built);
  // Packing reads the folder only; npm makes no request to a registry.
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: built,
    env: { PATH: process.env.PATH, HOME: folder, npm_config_cache: join(folder, 'npm') },
  });
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))!;
  installed = join(folder, 'receiver/node_modules/@casewire/webhooks');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(folder, tarball), '--strip-components=1', '-C', installed]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const receiver = (file: string) => join(folder, 'receiver', file);

test('the package contains the module, its types, the manifest and the read-me', async () => {
  const files = await readdir(installed, { recursive: true, withFileTypes: true });
  const names = files.filter((file) => file.isFile()).map(({ name }) => name);
  expect(names.filter((name) => !name.endsWith('.d.ts')).toSorted()).toEqual([
    'README.md',
    'index.js',
    'package.json',
  ]);
});

test('the module imports nothing but Node', async () => {
  const code = await readFile(join(installed, 'dist/index.js'), 'utf8');
  const imports = Array.from(code.matchAll(/(?:from|import)\s*\(?"([^"]+)"/g), ([, name]) => name);
  expect(imports).toEqual(['node:crypto']);
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as object;
  expect(manifest).not.toHaveProperty('dependencies');
});

test('Node without other packages verifies a signature with it', async () => {
  await writeFile(
    receiver('verify.mjs'),
    `import { verify, VerificationFailed } from '@casewire/webhooks';
const { body, headers, secret, other } = JSON.parse(process.argv[2]);
let fault;
try { verify(body, headers, other); } catch (error) { fault = error instanceof VerificationFailed && error.code; }
console.log(JSON.stringify({ ...verify(body, headers, secret), fault }));
`,
  );
  const request = {
    body: rawBody.toString(),
    headers: signedHeaders('e1'),
    secret,
    other: encodeSecret(Buffer.alloc(32, 9)),
  };
  const { stdout } = await run(
    process.execPath,
    [receiver('verify.mjs'), JSON.stringify(request)],
    { env: {} },
  );
  expect(JSON.parse(stdout)).toEqual({
    id: 'e1',
    timestamp: Number(request.headers['webhook-timestamp']),
    sequence: { number: 1, previousId: '', gap: 0 },
    fault: 'SIGNATURE_MISMATCH',
  });
});

test('a receiver compiles against its types without zod, and the compiler reports mistakes', async () => {
  await writeFile(
    receiver('receiver.ts'),
    `import { createServer } from 'node:http';
import { expressWebhooks, InMemorySeenStore, laneOf, OrderChecker, verify, type CasewireEvent } from '@casewire/webhooks';
const verified = verify('{}', { 'webhook-id': 'e1' }, ['whsec_x']);
const id: string = verified.id;
export const read = (event: CasewireEvent): string =>
  event.eventName === 'upload.received' ? event.payload.uploadId : id;
const middleware = expressWebhooks({ secret: 'whsec_x', seen: new InMemorySeenStore() });
createServer((request, response) => middleware(request, response, () => response.end()));
export const order = new OrderChecker().check(laneOf({}) ?? '', verified);
// @ts-expect-error: there is no such event
export const unknown: CasewireEvent['eventName'] = 'case.unknown';
`,
  );
  await writeFile(receiver('package.json'), '{ "type": "module" }');
  await writeFile(
    receiver('tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        module: 'NodeNext',
        target: 'ES2022',
        strict: true,
        noEmit: true,
        exactOptionalPropertyTypes: true,
        types: ['node'],
        typeRoots: [dirname(dirname(resolve('@types/node/package.json')))],
      },
      files: ['receiver.ts'],
    }),
  );
  const tsc = join(dirname(resolve('typescript/package.json')), 'bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', receiver('tsconfig.json')]);
  expect(stdout).toBe('');
});
