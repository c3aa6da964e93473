import type { EventLog } from '../event-log.ts';

/**
 * A readiness check: requests the end offsets of a topic from the brokers.
 * @param topic one that exists
 * @throws EventLogUnavailable
 */
export const brokerResponds =
  (log: Pick<EventLog, 'endOffsets'>, topic: string) => async (): Promise<null> => {
    await log.endOffsets(topic);
    return null;
  };
