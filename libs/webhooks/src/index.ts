export type {
  DeliveryDestination,
  AttemptContext,
  Credentials,
  DeliverableEvent,
  Dialect,
} from './dialect.ts';
export { dialects } from './dialects.ts';
export {
  handshakeResult,
  handshakeHeaders,
  type HandshakeResult,
  type HandshakeRefusal,
  type HandshakeRequest,
} from './handshake.ts';
export { attemptHeaders, encodeBody, fixedHeaders, type Attempt } from './request.ts';
export { delayAfter, standardSchedule, type RetrySchedule } from './retry-schedule.ts';
export { decodeSecret, encodeSecret, SecretInvalid } from './secret.ts';
export {
  sign,
  signSequence,
  type SequenceSignatureInput,
  type SignatureInput,
} from './signature.ts';
export { sourceDialectOf } from './source-dialect.ts';
export { SigningSecretMissing } from './vendor-key.ts';
// The part that is also published as the package for receivers.
export {
  expressWebhooks,
  fastifyWebhooks,
  InMemoryLanePositions,
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
  type LanePosition,
  type LanePositions,
  type Order,
  type RawBody,
  type ReceivedHeaders,
  type ReceivedWebhook,
  type ReceiverOptions,
  type ReceiveResult,
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
