import type { Readable } from 'node:stream';

/** Object storage. Keys are `/`-separated names of [A-Za-z0-9._-]; what was put is durable when the promise resolves. */
export interface BlobStore {
  /** Stores the bytes under the key, over whatever stood there. */
  put(key: string, body: Uint8Array): Promise<void>;
  /** Stores the bytes unless the key is taken. True: these bytes stand there now. False: others were first. */
  putIfAbsent(key: string, body: Uint8Array): Promise<boolean>;
  /** Moves or copies a finished local file in. The file is left to the caller. */
  putFile(key: string, path: string): Promise<void>;
  /** @throws BlobNotFound */
  read(key: string): Promise<Buffer>;
  /** A stream of the bytes; @throws BlobNotFound before the first of them. */
  stream(key: string): Promise<Readable>;
  exists(key: string): Promise<boolean>;
  /** Removes one blob; one that is not there is no error. */
  remove(key: string): Promise<void>;
  /** Removes every blob whose key starts with `prefix` + `/`. */
  removeAll(prefix: string): Promise<void>;
}

export class BlobNotFound extends Error {
  readonly code = 'BLOB_NOT_FOUND';
  readonly retriable = false;
  constructor(readonly key: string) {
    super(`there is no blob ${key}`);
  }
}

export class BlobKeyInvalid extends Error {
  readonly code = 'BLOB_KEY_INVALID';
  readonly retriable = false;
  constructor(readonly key: string) {
    super(`${JSON.stringify(key)} is no blob key: segments of A-Z a-z 0-9 . _ - joined by /`);
  }
}
