import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate and its key, in PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

export interface CertificateOptions {
  /** Its DNS names and IPv4 addresses. */
  names?: string[];
  notBefore?: Date;
  notAfter?: Date;
  /** The issuer; default: self-signed. */
  issuer?: Authority;
}

export interface Authority extends Certificate {
  readonly name: string;
  readonly privateKey: KeyObject;
}

const tagged = (tag: number, ...contents: Uint8Array[]): Buffer => {
  const content = Buffer.concat(contents);
  const length =
    content.length < 128
      ? [content.length]
      : content.length < 256
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
const sequence = (...contents: Uint8Array[]) => tagged(0x30, ...contents);
const oid = (...bytes: number[]) => tagged(0x06, Buffer.from(bytes));
const octets = (content: Uint8Array) => tagged(0x04, content);
const time = (date: Date) =>
  tagged(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\..*/g, '')}Z`));
const nameOf = (commonName: string) =>
  sequence(tagged(0x31, sequence(oid(0x55, 4, 3), tagged(0x0c, Buffer.from(commonName)))));

const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
const isAuthority = sequence(
  oid(0x55, 0x1d, 0x13),
  octets(sequence(tagged(0x01, Buffer.from([0xff])))),
);
const alternativeNames = (names: string[]) =>
  sequence(
    oid(0x55, 0x1d, 0x11),
    octets(
      sequence(
        ...names.map((name) =>
          isIPv4(name)
            ? tagged(0x87, Buffer.from(name.split('.').map(Number)))
            : tagged(0x82, Buffer.from(name)),
        ),
      ),
    ),
  );

const day = 24 * 60 * 60 * 1000;

/** A minimal X.509 certificate (RFC 5280) on P-256 for TLS. */
export function certificate({
  names,
  notBefore = new Date(Date.now() - day),
  notAfter = new Date(Date.now() + day),
  issuer,
}: CertificateOptions): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = names?.[0] ?? `authority ${randomBytes(4).toString('hex')}`;
  const tbs = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    nameOf(issuer?.name ?? name),
    sequence(time(notBefore), time(notAfter)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(names ? alternativeNames(names) : isAuthority)),
  );
  const signature = sign('sha256', tbs, issuer?.privateKey ?? privateKey);
  const der = sequence(tbs, ecdsaWithSha256, tagged(0x03, Buffer.from([0]), signature));
  const base64 = der
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return {
    name,
    privateKey,
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
