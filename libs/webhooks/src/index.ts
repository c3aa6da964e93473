export type { Addressee, AttemptFacts, Credentials, DeliverableEvent, Dialect } from './dialect.ts';
export { dialects } from './dialects.ts';
export {
  handshakeAnswer,
  handshakeHeaders,
  type HandshakeAnswer,
  type HandshakeRefusal,
  type HandshakeRequest,
} from './handshake.ts';
export { attemptHeaders, encodeBody, fixedHeaders, type Attempt } from './request.ts';
export { delayAfter, standardSchedule, type RetrySchedule } from './retry-schedule.ts';
export { decodeSecret, encodeSecret, SecretInvalid } from './secret.ts';
export { sign, signSequence, type Sequenced, type Signed } from './signature.ts';
export { SigningSecretMissing } from './vendor-key.ts';
export {
  VerificationFailed,
  verify,
  type ReceivedHeaders,
  type VerificationFault,
  type VerificationOptions,
  type Verified,
} from './verification.ts';
