import net from 'node:net';
import tls from 'node:tls';

import { Kafka, type KafkaConfig, type LogEntry, logLevel, type RetryOptions } from 'kafkajs';

import { quietRequestQueue } from './kafkajs-request-queue.ts';
import type { EventLogLogger } from './logger.ts';

/** Where the brokers are and how to be let in. */
export interface BrokerAccess {
  brokers: string[];
  clientId: string;
  /** TLS to the brokers; `true` trusts the system's authorities. */
  ssl?: KafkaConfig['ssl'];
  sasl?: KafkaConfig['sasl'];
}

/**
 * About 90 s of tries, so that a broker may be away for a minute. kafkajs retries inside of retries: what is exhausted
 * inside is final outside, so that the time does not multiply.
 */
export const patientRetry: RetryOptions = {
  initialRetryTime: 100,
  multiplier: 1.5,
  maxRetryTime: 1_000,
  retries: 95,
};

/** A consumer rejoins by itself after a crash, so one round of tries may be short. */
export const briskRetry: RetryOptions = {
  initialRetryTime: 100,
  multiplier: 1.5,
  maxRetryTime: 1_000,
  retries: 8,
};

/**
 * A kafkajs client of its own: consumers of one group on one client share their committed offsets in memory, and one's
 * rejoin would clear the other's.
 */
export function kafkaClient(access: BrokerAccess, logger: EventLogLogger, retry: RetryOptions) {
  quietRequestQueue();
  const { brokers, clientId, ssl, sasl } = access;
  return new Kafka({
    brokers,
    clientId,
    ...(ssl !== undefined && { ssl }),
    ...(sasl !== undefined && { sasl }),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry,
    socketFactory: promptSocket,
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => {
      write(logger, entry);
    },
  });
}

// Small requests follow each other on one connection; Nagle's algorithm would hold each back for the other side's delayed ACK.
const promptSocket: NonNullable<KafkaConfig['socketFactory']> = ({
  host,
  port,
  ssl,
  onConnect,
}) => {
  const serverName = net.isIP(host) ? {} : { servername: host };
  // kafkajs passes `undefined` here when TLS is off, whatever its types say.
  const secure: tls.ConnectionOptions | undefined = ssl;
  const socket = secure
    ? tls.connect({ host, port, ...serverName, ...secure }, onConnect)
    : net.connect({ host, port }, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  return socket;
};

// The idempotent producer is created anew once its tries are exhausted, which is what this warning is about.
const answered = /^Limiting retries for the idempotent producer/;

function write(logger: EventLogLogger, { level, namespace, log }: LogEntry): void {
  const { message, timestamp: _, stack: _stack, ...fields } = log;
  if (answered.test(message)) return;
  const entry = { event: 'kafka.client', part: namespace, ...fields };
  // kafkajs reports as errors what it then retries; what is final is thrown, and logged by whoever catches it.
  if (level === logLevel.ERROR || level === logLevel.WARN) logger.warn(entry, message);
  else logger.debug(entry, message);
}
