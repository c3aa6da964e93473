import type { Readable } from 'node:stream';

/**
 * Object storage. A key is a list of segments of [A-Za-z0-9._-], joined by `/`: a segment has 1 to 200 characters and is not made
 * of dots alone, a key has at most 900 characters. Every method throws BlobKeyInvalid for any other key. A blob is durable when the
 * promise of the write resolves, and no reader ever sees a part of one.
 */
export interface BlobStore {
  /** Stores the bytes under the key, in place of an earlier blob. */
  put(key: string, body: Uint8Array): Promise<void>;
  /**
   * Stores the bytes unless the key has a blob already. Of several writers exactly one succeeds.
   * @returns true if these bytes are stored now, false if the key had a blob
   */
  putIfAbsent(key: string, body: Uint8Array): Promise<boolean>;
  /** Stores a copy of a finished local file, in place of an earlier blob. The file itself stays as it is. */
  putFile(key: string, path: string): Promise<void>;
  /** @throws BlobNotFound */
  read(key: string): Promise<Buffer>;
  /**
   * A stream of the bytes.
   * @throws BlobNotFound before the first byte
   */
  stream(key: string): Promise<Readable>;
  exists(key: string): Promise<boolean>;
  /** Removes one blob; does nothing where there is none. */
  remove(key: string): Promise<void>;
  /** Removes every blob whose key starts with `prefix` + `/`; does nothing where there is none. */
  removeAll(prefix: string): Promise<void>;
  /**
   * Frees the space of writes that never finished because their process was killed. Call it from time to time.
   * @param olderThanMs age in milliseconds from which a write counts as abandoned; longer than any write takes
   * @param now the present time in milliseconds since 1970
   */
  removeUnfinished(olderThanMs: number, now?: number): Promise<void>;
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
    super(
      `${JSON.stringify(key)} is not a blob key: segments of A-Z a-z 0-9 . _ - joined by / are required`,
    );
  }
}

export class BlobStoreUnsupported extends Error {
  readonly code = 'BLOB_STORE_UNSUPPORTED';
  readonly retriable = false;
  constructor(
    readonly location: string,
    options?: ErrorOptions,
  ) {
    super(
      `blobs cannot be stored at ${JSON.stringify(location)}: the path of a folder or a file: URL is required`,
      options,
    );
  }
}
