export { testDatabase, type TestDatabase } from './database.ts';
export { TcpProxy } from './tcp-proxy.ts';
export { WebhookReceiver, type ReceivedRequest, type Respond } from './webhook-receiver.ts';
