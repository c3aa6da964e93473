export { testDatabase, type TestDatabase } from './database.ts';
export { rowsRead } from './rows-read.ts';
export { TcpProxy } from './tcp-proxy.ts';
export { testFolder } from './test-folder.ts';
export { WebhookReceiver, type ReceivedRequest, type Respond } from './webhook-receiver.ts';
