export { testDatabase, type TestDatabase } from './database.ts';
export { WebhookReceiver, type ReceivedRequest, type Respond } from './webhook-receiver.ts';
