/** A broker as the suite uses it. Starting it must fail the run when it is not there. */
export interface TestBroker {
  /** `host:port` of the broker; stays the same over restarts. */
  brokers: string;
  /** Takes the broker down, as hard as it can be. */
  down(): Promise<void>;
  /** Brings it up again with what it had acknowledged. */
  up(): Promise<void>;
  stop(): Promise<void>;
}

/** Gives the broker of the running suite. */
export type BrokerUnderTest = () => TestBroker;
