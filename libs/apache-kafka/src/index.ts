export { startApacheKafka, type ApacheKafka } from './apache-kafka.ts';
export { freePort } from './readiness.ts';
