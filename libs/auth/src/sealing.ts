import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

export class SealBroken extends Error {
  readonly code = 'SEAL_BROKEN';
  readonly retriable = false;
  constructor() {
    super('what is sealed here was sealed with another key, for something else, or was changed');
  }
}

/** Encrypts what must not be readable at rest: AES-256-GCM, bound to the identity of what it belongs to. */
export class Sealer {
  private readonly key: Buffer;

  /** @param key at least 32 random bytes; all services that share sealed values share it */
  constructor(key: Uint8Array) {
    this.key = createHash('sha256').update('casewire.seal.v1').update(key).digest();
  }

  /** @param owner the identity of what the value belongs to; opening needs the same */
  seal(value: Uint8Array, owner: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(value), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** @throws SealBroken */
  open(sealed: string, owner: string): Buffer {
    const bytes = Buffer.from(sealed, 'base64');
    if (bytes.length < 28) throw new SealBroken();
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, 12))
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
    } catch {
      throw new SealBroken();
    }
  }
}
