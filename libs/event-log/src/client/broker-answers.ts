import type { EventLog } from '../event-log.ts';

/**
 * A check of readiness: whether a broker answers a question about a topic.
 * @param topic one that exists
 * @throws EventLogUnavailable
 */
export const brokerAnswers =
  (log: Pick<EventLog, 'endOffsets'>, topic: string) => async (): Promise<null> => {
    await log.endOffsets(topic);
    return null;
  };
