import { BlobNotFound, type BlobStore } from '@casewire/blobs';
import { DocumentError, DocumentErrorCode } from '@casewire/sandbox';
import { z } from 'zod';

import { Reading } from '../text/reading.ts';

const Failure = z.object({ code: DocumentErrorCode, message: z.string() });

/** The stored reading of one content, or its stored failure. */
export class StoredReading {
  private readonly reading: string;
  private readonly failure: string;

  constructor(
    private readonly blobs: BlobStore,
    prefix: string,
  ) {
    this.reading = `${prefix}/reading.json`;
    this.failure = `${prefix}/failure.json`;
  }

  async exists(): Promise<boolean> {
    return (await this.blobs.exists(this.reading)) || (await this.blobs.exists(this.failure));
  }

  /** @throws DocumentError the stored failure; BlobNotFound where nothing is stored */
  async read(): Promise<Reading> {
    try {
      return Reading.parse(await this.json(this.reading));
    } catch (error) {
      if (!(error instanceof BlobNotFound)) throw error;
    }
    const { code, message } = Failure.parse(await this.json(this.failure));
    throw new DocumentError(code, message);
  }

  async put(result: Reading | DocumentError): Promise<void> {
    if (!(result instanceof DocumentError)) return this.store(this.reading, result);
    const { code, message } = result;
    await this.store(this.failure, { code, message } satisfies z.infer<typeof Failure>);
  }

  private async store(key: string, value: object): Promise<void> {
    await this.blobs.putIfAbsent(key, Buffer.from(JSON.stringify(value)));
  }

  private async json(key: string): Promise<unknown> {
    return JSON.parse(String(await this.blobs.read(key)));
  }
}
