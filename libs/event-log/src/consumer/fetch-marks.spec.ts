import { expect, test } from 'vitest';

import { EndOffsetRequests, type FetchMark } from '../client/end-offset-requests.ts';
import { FetchMarks } from './fetch-marks.ts';

const requests = () => new EndOffsetRequests(() => Promise.resolve(new Map()));

test('all records of a fetch have one mark, and the records of the next fetch another', () => {
  const log = requests();
  const marks = new FetchMarks({ log: { fetchMark: () => log.mark() } });
  marks.returned();
  const first = [marks.forRecords(), marks.forRecords()];
  marks.returned();
  expect(first[0]).toBe(first[1]);
  expect(marks.forRecords()).not.toBe(first[0]);
});

test('a mark counts the requests that were sent before its fetch returned', async () => {
  const log = requests();
  const marks = new FetchMarks({ log: { fetchMark: () => log.mark() } });
  await log.fetch('a');
  await log.fetch('a');
  expect(marks.forRecords()).toMatchObject({ sent: 0 });
  marks.returned();
  expect(marks.forRecords()).toMatchObject({ of: log, sent: 1 });
});

test('a fetch with records is reported once, and a fetch without records is not', () => {
  const log = requests();
  const reported: FetchMark[] = [];
  const marks = new FetchMarks({
    log: { fetchMark: () => log.mark() },
    onFetch: (mark) => {
      reported.push(mark);
    },
  });
  marks.returned();
  marks.returned();
  const mark = marks.forRecords();
  marks.forRecords();
  expect(reported).toEqual([mark]);
});
