/** What a lane is: one destination's order of one key and feature; a replay has lanes of its own. */
export interface LaneRow {
  destinationId: string;
  topic: string;
  key: string;
  feature: string;
  /** 0 for the events' own deliveries. */
  replayJob: string;
}

/** The columns of lanes, as arrays for unnest. */
export const laneColumns = (rows: readonly LaneRow[]): unknown[] => [
  rows.map(({ destinationId }) => destinationId),
  rows.map(({ topic }) => topic),
  rows.map(({ key }) => key),
  rows.map(({ feature }) => feature),
  rows.map(({ replayJob }) => replayJob),
];

/** What `laneColumns` are, beginning with the parameter $1. */
export const laneArrays = '$1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[]';
export const laneNames = 'destination_id, topic, key, feature, replay_job';

/** Ids of the lanes of a destination where something is open. */
export const openLanesOf = (destinationId: string): string => `
  select id from lane where destination_id = ${destinationId} and head <= tail and not blocked
  union all
  select id from lane where destination_id = ${destinationId} and blocked`;
