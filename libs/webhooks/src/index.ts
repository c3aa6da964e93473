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
export { sourceDialectOf } from './source-dialect.ts';
export { SigningSecretMissing } from './vendor-key.ts';
// What receivers get as a package of its own.
export {
  expressWebhooks,
  fastifyWebhooks,
  InMemoryLaneHeads,
  InMemorySeenStore,
  laneOf,
  nestWebhooks,
  OrderChecker,
  orderOf,
  receive,
  VerificationFailed,
  verify,
  WebhookRefused,
  type CasewireEvent,
  type Claim,
  type EventData,
  type EventName,
  type LaneHead,
  type LaneHeads,
  type Order,
  type RawBody,
  type ReceivedHeaders,
  type ReceivedWebhook,
  type ReceiverOptions,
  type Reception,
  type RefusalCode,
  type Secret,
  type SeenStore,
  type TruEnrollEvent,
  type VerificationFault,
  type VerificationOptions,
  type Verified,
  type WebhookMiddleware,
  type WebhookRequest,
} from './receiver/index.ts';
