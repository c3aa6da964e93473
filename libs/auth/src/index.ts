export { actorOf } from './actor-of.ts';
export {
  apiKeyHmac,
  apiKeyMatches,
  mintApiKey,
  parseApiKey,
  type ParsedApiKey,
} from './api-key.ts';
export { Authenticator, type Principal, type View } from './authenticator.ts';
export {
  ApiKeyGuard,
  NeedsOperator,
  NeedsScope,
  OperatorGuard,
  OperatorKey,
  CurrentPrincipal,
} from './guards.ts';
export { KeyRegistry } from './key-registry.ts';
export { SealBroken, Sealer } from './sealing.ts';
