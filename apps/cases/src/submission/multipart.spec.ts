import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ApiError } from '@casewire/service';
import express, { type Request, type Response } from 'express';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { emptyForm, receiveForm, type ReceivedForm } from './multipart.ts';

interface Received {
  form: ReceivedForm;
  error: { code?: string; status?: number; errors?: { field: string }[] } | null;
}

let folder: string;
let server: ReturnType<ReturnType<typeof express>['listen']>;
let received: PromiseWithResolvers<Received>;
let began: PromiseWithResolvers<void>;
let onFields: (fields: Record<string, string>) => Promise<void>;

beforeAll(async () => {
  const app = express();
  app.post('/', async (request: Request, response: Response) => {
    began.resolve();
    const form: ReceivedForm = emptyForm();
    const error = await receiveForm(request, folder, form, (fields) => onFields(fields)).then(
      () => null,
      (thrown: Received['error']) => thrown,
    );
    for (const { path } of form.files) rmSync(path, { force: true });
    received.resolve({ form, error });
    response.status(error ? (error.status ?? 500) : 202).json({ code: error?.code ?? null });
  });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'casewire-multipart-'));
  received = Promise.withResolvers();
  began = Promise.withResolvers();
  onFields = async () => undefined;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const part = (headers: string[], body: string | Buffer) =>
  Buffer.concat([
    Buffer.from(`--b\r\n${headers.join('\r\n')}\r\n\r\n`, 'latin1'),
    Buffer.from(body),
    Buffer.from('\r\n'),
  ]);
const file = (name: string, body: string | Buffer) =>
  part([`Content-Disposition: form-data; name="${name}"; filename="a.pdf"`], body);
const field = (name: string, body: string) =>
  part([`Content-Disposition: form-data; name="${name}"`], body);
const end = Buffer.from('--b--\r\n');

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const send = (body: Buffer, headers: Record<string, string> = {}) =>
  fetch(url(), {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b', ...headers },
    body: new Uint8Array(body),
  });

test('fields and files are received completely', async () => {
  const large = Buffer.alloc(300_000, 'x');
  const body = [field('externalId', 'e'), file('files', large), file('files', 'small'), end];
  expect((await send(Buffer.concat(body))).status).toBe(202);
  const { form } = await received.promise;
  expect(form.fields).toEqual({ externalId: 'e' });
  expect(form.files.map(({ name, size }) => [name, size])).toEqual([
    ['a.pdf', 300_000],
    ['a.pdf', 5],
  ]);
});

const badPart = part(['Content-Disposition: form-data; name="a\x01b"'], 'x');
const many = (count: number, one: (i: number) => Buffer) =>
  Array.from({ length: count }, (_, i) => one(i));

test.each<[string, Buffer[], number, string]>([
  ['two parts with malformed headers', [badPart, badPart, end], 400, 'MALFORMED_MULTIPART'],
  [
    'a small file in a field of another name, without an end',
    [file('other', 'x')],
    400,
    'MALFORMED_MULTIPART',
  ],
  ['a small file, without an end', [file('files', 'x')], 400, 'MALFORMED_MULTIPART'],
  [
    'a large file, without an end',
    [file('files', Buffer.alloc(200_000))],
    400,
    'MALFORMED_MULTIPART',
  ],
  ['a file after a malformed part', [badPart, file('files', 'x'), end], 400, 'MALFORMED_MULTIPART'],
  ['a malformed part after a file', [file('files', 'x'), badPart, end], 400, 'MALFORMED_MULTIPART'],
  [
    'headers that do not end',
    [Buffer.from('--b\r\nContent-Disposition: form-data')],
    400,
    'MALFORMED_MULTIPART',
  ],
  ['an empty body', [], 400, 'MALFORMED_MULTIPART'],
  ['another boundary', [Buffer.from('--c\r\n\r\n--c--')], 400, 'MALFORMED_MULTIPART'],
  [
    'a part without a name',
    [part(['Content-Disposition: form-data'], 'x'), end],
    400,
    'VALIDATION_FAILED',
  ],
  [
    'a file without a name',
    [part(['Content-Disposition: form-data; filename="a"'], 'x'), end],
    400,
    'VALIDATION_FAILED',
  ],
  ['a field that occurs twice', [field('a', '1'), field('a', '2'), end], 400, 'VALIDATION_FAILED'],
  ['21 files', [...many(21, () => file('files', 'x')), end], 400, 'TOO_MANY_FILES'],
  ['21 fields', [...many(21, (i) => field(`f${i}`, 'x')), end], 400, 'VALIDATION_FAILED'],
  [
    '65 parts that are neither fields nor files',
    [...many(65, () => part(['X-A: 1'], 'x')), end],
    400,
    'VALIDATION_FAILED',
  ],
  ['a field that is too large', [field('a', 'x'.repeat(65_537)), end], 413, 'UPLOAD_TOO_LARGE'],
  [
    'a file that is too large',
    [file('files', Buffer.alloc(31 * 1024 * 1024)), end],
    413,
    'UPLOAD_TOO_LARGE',
  ],
])('%s is refused, and no file is left', async (_, body, status, code) => {
  const response = await send(Buffer.concat(body));
  expect([response.status, await response.json()]).toEqual([status, { code }]);
  expect(readdirSync(folder)).toEqual([]);
});

// Everything arrives in one chunk: the parser still reports the parts after the error.
test.each<[string, Buffer[]]>([
  ['a part without a name', [part(['Content-Disposition: form-data'], 'x')]],
  ['a field that occurs twice', [field('a', '1'), field('a', '2')]],
  ['a field that is too large', [field('a', 'x'.repeat(65_537))]],
  ['more fields than are allowed', many(21, (i) => field(`f${i}`, 'x'))],
  ['a file in a field of another name', [file('other', 'x')]],
  ['a malformed part', [badPart]],
])('%s before a file is refused at once, and no file is left', async (_, wrong) => {
  for (const rest of [[file('files', 'x'), end], [file('files', Buffer.alloc(200_000))]]) {
    const response = await send(Buffer.concat([...wrong, ...rest]));
    expect([400, 413]).toContain(response.status);
    expect(readdirSync(folder)).toEqual([]);
  }
});

test.each(['', 'Expect: 100-continue\r\n'])(
  'fields that are refused are answered before the files are sent, and no byte of a file is written %j',
  async (expectation) => {
    onFields = async ({ features }) => {
      if (features === 'translation') throw new ApiError(403, 'FEATURE_NOT_PROVISIONED', 'no');
    };
    // It changes whenever a file is created in the folder or deleted from it.
    const changedAt = () => statSync(folder, { bigint: true }).mtimeNs;
    const before = changedAt();
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 20000000\r\n${expectation}\r\n`,
    );
    socket.write(field('features', 'translation'));
    // Of twenty million bytes of the files, none after these is sent.
    socket.write(file('files', Buffer.alloc(200_000, 'x')));
    let answered = '';
    for await (const chunk of socket) {
      answered += String(chunk);
      if (answered.includes('FEATURE_NOT_PROVISIONED')) break;
    }
    expect(answered).toContain('HTTP/1.1 403');
    expect((await received.promise).form.files).toEqual([]);
    expect(changedAt()).toBe(before);
  },
);

test('files that begin while the fields are checked are received in their order, once the check has ended', async () => {
  const checked = Promise.withResolvers<void>();
  let checks = 0;
  onFields = () => (checks++ === 0 ? checked.promise : Promise.resolve());
  const sizes = [300, 100_000, 50];
  const parts = sizes.map((size) => file('files', Buffer.alloc(size, 'x')));
  const response = send(Buffer.concat([field('a', '1'), ...parts, end]));
  await expect.poll(() => checks).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
  checked.resolve();
  expect((await response).status).toBe(202);
  const { files } = (await received.promise).form;
  expect(files.map(({ size }) => size)).toEqual(sizes);
});

test('an upload that is aborted while its fields are checked leaves no file', async () => {
  const checked = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  onFields = () => {
    asked.resolve();
    return checked.promise;
  };
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n',
  );
  socket.write(file('files', Buffer.alloc(1_000_000, 'x')));
  await asked.promise;
  const closed = once(socket, 'close');
  socket.destroy();
  await closed;
  checked.resolve();
  expect((await received.promise).error).toMatchObject({ code: 'UPLOAD_ABORTED' });
  expect(readdirSync(folder)).toEqual([]);
});

test('data after the end marker does not keep the form open', async () => {
  const first = [file('files', 'x'), end];
  const epilogue = await send(Buffer.concat([...first, Buffer.from('epilogue')]));
  expect(epilogue.status).toBe(202);
  // The data begins in the same chunk as the marker, and the parser begins a file that it never ends.
  const parts = [...first, field('a', '1'), file('files', Buffer.alloc(300_000)), end];
  const response = await send(Buffer.concat(parts));
  expect([response.status, await response.json()]).toEqual([400, { code: 'MALFORMED_MULTIPART' }]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a field named __proto__ is an ordinary field', async () => {
  await send(Buffer.concat([field('__proto__', 'x'), end]));
  const { form } = await received.promise;
  expect(Object.keys(form.fields)).toEqual(['__proto__']);
});

test('a compressed form is refused with 415', async () => {
  const response = await send(end, { 'content-encoding': 'gzip' });
  expect([response.status, await response.json()]).toEqual([
    415,
    { code: 'CONTENT_ENCODING_UNSUPPORTED' },
  ]);
});

const descriptors = () => readdirSync('/proc/self/fd').length;

async function abortUpload(): Promise<Received> {
  received = Promise.withResolvers();
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n',
  );
  socket.write(file('files', Buffer.alloc(1_000_000, 'x')));
  await expect.poll(() => readdirSync(folder).length, { interval: 5 }).toBe(1);
  socket.destroy();
  return received.promise;
}

test('aborted uploads leave no file and no open descriptor', async () => {
  const before = descriptors();
  for (let upload = 0; upload < 40; upload++) {
    const { error } = await abortUpload();
    expect(error).toMatchObject({ code: 'UPLOAD_ABORTED' });
  }
  expect(readdirSync(folder)).toEqual([]);
  await expect.poll(descriptors).toBeLessThanOrEqual(before + 2);
});
