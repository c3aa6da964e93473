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

/** The store under test, with helpers for all parts of the suite. */
export interface LaneStoreFixture {
  readonly store: LaneStore;
  readonly inspect: LaneInspection;
  readonly leaseHolder: string;
  /** Claims one head. */
  claimOne(by?: string): Promise<ClaimedHead>;
  states(): Promise<string[]>;
  /** Lets every lease expire. */
  expireLeases(): Promise<void>;
  /** How many deliveries and lanes are open, and how many lanes are leased. */
  left(): Promise<{ pending: number; due: number; leased: number }>;
}

/** The contract of a lane store, tested through its interface. After each test the store has no forbidden state. */
export function describeLaneStore(name: string, make: () => Promise<LaneStoreUnderTest>): void {
  describe(name, () => {
    let tested: LaneStoreUnderTest;
    const leaseHolder = randomUUID();
    const fixture: LaneStoreFixture = {
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
      expireLeases: () => tested.inspect.timePasses(30_001),
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

    describe('an ingest', () => {
      ingests(fixture);
    });
    describe('a claim', () => {
      claims(fixture);
    });
    describe('an attempt result', () => {
      attemptResults(fixture);
    });
    describe('a destination', () => {
      destinations(fixture);
    });
    describe('the health of a destination', () => {
      health(fixture);
    });
    describe('a replay', () => {
      replays(fixture);
    });
    describe('an erasure', () => {
      erasures(fixture);
    });
  });
}
