/** The package for receivers; it has no dependencies besides Node. */
export {
  VerificationFailed,
  verify,
  type RawBody,
  type ReceivedHeaders,
  type Secret,
  type VerificationFault,
  type VerificationOptions,
  type Verified,
} from '../verification.ts';
export { SecretInvalid } from '../secret.ts';
export {
  receive,
  WebhookRefused,
  type ReceivedWebhook,
  type ReceiverOptions,
  type ReceiveResult,
  type RefusalCode,
} from './receive.ts';
export {
  expressWebhooks,
  nestWebhooks,
  type WebhookMiddleware,
  type WebhookRequest,
} from './express.ts';
export {
  fastifyWebhooks,
  type FastifyScope,
  type FastifyWebhookReply,
  type FastifyWebhookRequest,
} from './fastify.ts';
export {
  InMemorySeenStore,
  type Claim,
  type InMemorySeenStoreOptions,
  type SeenStore,
} from './seen-store.ts';
export {
  InMemoryLanePositions,
  OrderChecker,
  orderOf,
  type LanePosition,
  type LanePositions,
  type Order,
} from './order-checker.ts';
export {
  laneOf,
  type Actor,
  type ApplicantFields,
  type CaseFields,
  type CaseResult,
  type RefreshFields,
  type OrderFields,
  type CasewireEvent,
  type EventData,
  type EventName,
  type OrderStatus,
  type Stage,
  type StageEventName,
  type StageFinishedPayload,
  type TruEnrollEvent,
  type VerificationState,
} from './events.ts';
