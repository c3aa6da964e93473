/** The natural key of a lane: the order of one destination, key and feature. A replay has its own lanes. */
export interface LaneRow {
  destinationId: string;
  topic: string;
  key: string;
  feature: string;
  /** 0 for the events' own deliveries. */
  replayJob: string;
}

/** The columns of lanes, as parameters for `unnest`. */
export const laneColumns = (rows: readonly LaneRow[]): unknown[] => [
  rows.map(({ destinationId }) => destinationId),
  rows.map(({ topic }) => topic),
  rows.map(({ key }) => key),
  rows.map(({ feature }) => feature),
  rows.map(({ replayJob }) => replayJob),
];

/** The parameters of `laneColumns`, beginning with $1. */
export const laneArrays = '$1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[]';
export const laneNames = 'destination_id, topic, key, feature, replay_job';

/** SQL for the ids of a destination's lanes with open deliveries. */
export const openLanesOf = (destinationId: string): string => `
  select id from lane where destination_id = ${destinationId} and head <= tail and not blocked
  union all
  select id from lane where destination_id = ${destinationId} and blocked`;
