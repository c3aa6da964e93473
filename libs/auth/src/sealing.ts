import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** A sealed value cannot be opened. */
export class SealBroken extends Error {
  readonly code = 'SEAL_BROKEN';
  readonly retriable = false;
  constructor() {
    super('the sealed value was changed, or it was sealed with another key or for another context');
  }
}

/**
 * Encrypts secrets at rest with AES-256-GCM (NIST SP 800-38D). Each value is bound to its seal context, the identity of the record
 * that it belongs to: a value that is copied to another record cannot be opened there.
 */
export class Sealer {
  private readonly key: Buffer;

  /** @param key at least 32 random bytes; services that share sealed values have the same key */
  constructor(key: Uint8Array) {
    this.key = createHash('sha256').update('casewire.seal.v1').update(key).digest();
  }

  /**
   * @param context the seal context, such as `endpoint:<id>`; the same one is required to open the value
   * @returns nonce, tag and ciphertext, in base64
   */
  seal(value: Uint8Array, context: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(value), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** @throws SealBroken if the value was changed, or was sealed with another key or for another context */
  open(sealed: string, context: string): Buffer {
    const bytes = Buffer.from(sealed, 'base64');
    if (bytes.length < 28) throw new SealBroken();
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, 12))
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
    } catch {
      throw new SealBroken();
    }
  }
}
