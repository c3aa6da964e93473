/** What a lane is: one destination's order of one key and feature. */
export interface LaneRow {
  destinationId: string;
  topic: string;
  key: string;
  feature: string;
}

/** The columns of lanes, as arrays for unnest. */
export const laneColumns = (rows: readonly LaneRow[]): unknown[] => [
  rows.map(({ destinationId }) => destinationId),
  rows.map(({ topic }) => topic),
  rows.map(({ key }) => key),
  rows.map(({ feature }) => feature),
];
