import net from 'node:net';
import tls from 'node:tls';

import { Kafka, type KafkaConfig, type LogEntry, logLevel, type RetryOptions } from 'kafkajs';

import { patchRequestQueue } from './kafkajs-request-queue.ts';
import type { EventLogLogger } from './logger.ts';

/** The addresses of the brokers and the credentials for them. */
export interface BrokerAccess {
  brokers: string[];
  clientId: string;
  /** TLS to the brokers; `true` trusts the certificate authorities of the system. */
  ssl?: KafkaConfig['ssl'];
  sasl?: KafkaConfig['sasl'];
}

/**
 * Retries for about 90 s, so that a broker may be unavailable for a minute. kafkajs nests retries: when the inner retries are
 * exhausted the outer ones stop too, so the times do not multiply.
 */
export const longRetry: RetryOptions = {
  initialRetryTime: 100,
  multiplier: 1.5,
  maxRetryTime: 1_000,
  retries: 95,
};

/** Few retries: a consumer joins its group again after a crash anyway. */
export const shortRetry: RetryOptions = {
  initialRetryTime: 100,
  multiplier: 1.5,
  maxRetryTime: 1_000,
  retries: 8,
};

/**
 * A new kafkajs client for each use: consumers of one group on one client share their committed offsets in memory, and when one
 * of them joins again it would clear those of the others.
 */
export function kafkaClient(access: BrokerAccess, logger: EventLogLogger, retry: RetryOptions) {
  patchRequestQueue();
  const { brokers, clientId, ssl, sasl } = access;
  return new Kafka({
    brokers,
    clientId,
    ...(ssl !== undefined && { ssl }),
    ...(sasl !== undefined && { sasl }),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry,
    socketFactory: noDelaySocket,
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => {
      writeLogEntry(logger, entry);
    },
  });
}

// Small requests follow each other on one connection; Nagle's algorithm would delay each until the delayed ACK of the previous one.
const noDelaySocket: NonNullable<KafkaConfig['socketFactory']> = ({
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

// kafkajs warns that an idempotent producer needs unlimited retries. The sender creates a new producer once they are exhausted.
const handledWarning = /^Limiting retries for the idempotent producer/;

function writeLogEntry(logger: EventLogLogger, { level, namespace, log }: LogEntry): void {
  const { message, timestamp: _, stack: _stack, ...fields } = log;
  if (handledWarning.test(message)) return;
  const entry = { event: 'kafka.client', part: namespace, ...fields };
  // kafkajs logs failures that it retries as errors. Final failures are thrown, and logged by the caller.
  if (level === logLevel.ERROR || level === logLevel.WARN) logger.warn(entry, message);
  else logger.debug(entry, message);
}
