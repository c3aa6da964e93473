import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';

import type { ClaimedHead, LaneStore } from '../../src/model/lane-store.ts';
import type { LaneInspection, LaneStoreUnderTest } from '../lane-inspection.ts';
import { attemptResults } from './attempt-results.suite.ts';
import { claims } from './claims.suite.ts';
import { destinations } from './destinations.suite.ts';
import { erasures } from './erasures.suite.ts';
import { health } from './health.suite.ts';
import { ingests } from './ingest.suite.ts';
import { replays } from './replays.suite.ts';

/** The store under test, and what every part of the suite does with it. */
export interface LaneStoreFixture {
  readonly store: LaneStore;
  readonly inspect: LaneInspection;
  readonly leaseHolder: string;
  /** Claims the one head that there is to claim. */
  claimOne(by?: string): Promise<ClaimedHead>;
  states(): Promise<string[]>;
  /** Every lease ends; what waits for a retry waits on. */
  leasesEnd(): Promise<void>;
  left(): Promise<{ pending: number; due: number; leased: number }>;
}

/** Everything that a lane store promises, asked of one through its interface. After each test it holds nothing that must never be. */
export function describeLaneStore(name: string, make: () => Promise<LaneStoreUnderTest>): void {
  describe(name, () => {
    let tested: LaneStoreUnderTest;
    const leaseHolder = randomUUID();
    const subject: LaneStoreFixture = {
      leaseHolder,
      get store() {
        return tested.store;
      },
      get inspect() {
        return tested.inspect;
      },
      async claimOne(by = leaseHolder) {
        const [head, ...more] = await tested.store.claim(by, 1);
        expect(more).toEqual([]);
        return head!;
      },
      states: async () => (await tested.inspect.deliveries()).map(({ state }) => state),
      leasesEnd: () => tested.inspect.timePasses(30_001),
      async left() {
        const [deliveries, lanes] = [
          await tested.inspect.deliveries(),
          await tested.inspect.lanes(),
        ];
        return {
          pending: deliveries.filter(({ state }) => state === 'pending').length,
          due: lanes.filter(({ head, tail }) => head <= tail).length,
          leased: lanes.filter(({ leased }) => leased).length,
        };
      },
    };
    beforeAll(async () => {
      tested = await make();
    });
    afterEach(async () => {
      try {
        expect(await tested.inspect.faults()).toEqual([]);
      } finally {
        await tested.clear();
      }
    });
    afterAll(() => tested.close());

    describe('what is taken in', () => {
      ingests(subject);
    });
    describe('a claim', () => {
      claims(subject);
    });
    describe('an outcome', () => {
      attemptResults(subject);
    });
    describe('a destination', () => {
      destinations(subject);
    });
    describe('the health of a destination', () => {
      health(subject);
    });
    describe('a replay', () => {
      replays(subject);
    });
    describe('an erasure', () => {
      erasures(subject);
    });
  });
}
