/** The broker of a suite. If it cannot be started, the run fails. */
export interface TestBroker {
  /** `host:port` of the broker; stays the same over restarts. */
  brokers: string;
  /** Stops the broker as abruptly as possible. */
  down(): Promise<void>;
  /** Starts it again with all records that it had acknowledged. */
  up(): Promise<void>;
  stop(): Promise<void>;
}

/** Returns the broker of the running suite. */
export type BrokerUnderTest = () => TestBroker;
