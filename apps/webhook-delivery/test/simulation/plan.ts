import type { DialectName, OnExhausted } from '@casewire/contracts';
import * as fc from 'fast-check';

/** What a receiver does with a request that reaches it, or the network with one that does not. */
export type Reaction =
  | 'takes it'
  | 'takes it after 12 s'
  | 'fails'
  | 'is busy'
  | 'is gone'
  | 'hangs'
  | 'takes it and dies'
  | 'is not reached';

export interface EndpointPlan {
  /** At which step it is registered. */
  at: number;
  dialect: DialectName;
  /** Waits between attempts in seconds; null: the dialect's own. */
  delays: number[] | null;
  onExhausted: OnExhausted;
  maxInFlight: number;
  enabled: boolean;
  /** What it does with the requests that it gets, in their order; afterwards it takes everything. */
  reactions: Reaction[];
}

export interface EventPlan {
  /** At which step it is published. */
  at: number;
  key: string;
  erases: boolean;
}

export type Step = 'ingest' | 'claim' | 'recordResults' | 'health' | 'release';

export type Fault =
  /** An instance dies, or is told to stop; another one takes its place. */
  | { fault: 'crash' | 'stop'; who: number }
  | { fault: 'time passes'; ms: number }
  | { fault: 'call fails' | 'answer is lost'; who: number; step: Step }
  | { fault: 'older records again' | 'rebalance'; who: number }
  | { fault: 'disable' | 'enable' | 'suspend' | 'resume' | 'delete'; endpoint: number }
  /** What waits for a closed endpoint has waited for long enough. */
  | { fault: 'expire' }
  /** A person decides on what is blocked. */
  | { fault: 'decide'; decision: 'retry' | 'skip' };

export interface Plan {
  endpoints: EndpointPlan[];
  events: EventPlan[];
  faults: ({ at: number } & Fault)[];
  slots: number;
  recordsAtOnce: number;
  /** What becomes in the end of what waits for a closed endpoint, and what is decided on what is blocked. */
  inTheEnd: { expires: boolean; blocked: 'retry' | 'skip' };
  seed: number;
}

const instance = fc.nat({ max: 1 });
const endpointIndex = fc.nat({ max: 1 });
const step = fc.constantFrom<Step>(
  'ingest',
  'claim',
  'recordResults',
  'recordResults',
  'health',
  'release',
);

export const faults = {
  crash: fc.record({ fault: fc.constant('crash' as const), who: instance }),
  stop: fc.record({ fault: fc.constant('stop' as const), who: instance }),
  upkeep: fc.oneof(
    fc.record({ fault: fc.constant('expire' as const) }),
    fc.record({
      fault: fc.constant('decide' as const),
      decision: fc.constantFrom('retry' as const, 'skip' as const),
    }),
  ),
  timePasses: fc.record({
    fault: fc.constant('time passes' as const),
    // Around what is left of a lease when something may still be sent, what a request may take, and a lease.
    ms: fc
      .oneof(fc.integer({ min: 1, max: 45 }), fc.constantFrom(9, 11, 14, 16, 29, 31))
      .map((seconds) => seconds * 1000),
  }),
  call: fc.record({
    fault: fc.constantFrom('call fails' as const, 'answer is lost' as const),
    who: instance,
    step,
  }),
  records: fc.record({
    fault: fc.constantFrom('older records again' as const, 'rebalance' as const),
    who: instance,
  }),
  endpoint: fc.record({
    fault: fc.constantFrom(
      'disable' as const,
      'enable' as const,
      'suspend' as const,
      'resume' as const,
      'delete' as const,
    ),
    endpoint: endpointIndex,
  }),
};

const reaction = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Reaction>('takes it') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Reaction>(
      'takes it after 12 s',
      'fails',
      'fails',
      'is busy',
      'hangs',
      'takes it and dies',
      'is not reached',
    ),
  },
  { weight: 1, arbitrary: fc.constant<Reaction>('is gone') },
);

export const endpointPlan: fc.Arbitrary<EndpointPlan> = fc.record({
  at: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(40) }),
  dialect: fc.constant<DialectName>('casewire'),
  delays: fc.constantFrom([], [10], [5, 20], [5, 300]),
  onExhausted: fc.constantFrom<OnExhausted>('skip', 'skip', 'block'),
  maxInFlight: fc.integer({ min: 1, max: 3 }),
  enabled: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  reactions: fc.array(reaction, { maxLength: 6 }),
});

export const eventPlan: fc.Arbitrary<EventPlan> = fc.record({
  at: fc.nat(30),
  key: fc.constantFrom('a', 'a', 'b'),
  erases: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
});

const at = fc.record({ at: fc.nat(90) });

/** Everything that can go wrong. */
export const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 3, arbitrary: faults.crash },
  { weight: 4, arbitrary: faults.timePasses },
  { weight: 3, arbitrary: faults.call },
  { weight: 2, arbitrary: faults.records },
  { weight: 3, arbitrary: faults.endpoint },
  { weight: 1, arbitrary: faults.stop },
  { weight: 1, arbitrary: faults.upkeep },
);

/** Instances die, and time passes at the wrong moment. */
export const leasesEnd: Worlds = {
  fault: fc.oneof(faults.crash, faults.timePasses, faults.timePasses, faults.timePasses),
  mostFaults: 12,
};

/** Records come again, readers change and endpoints come and go. */
export const recordsComeAgain: Worlds = {
  fault: fc.oneof(faults.records, faults.endpoint, faults.upkeep, faults.crash, faults.stop),
  mostFaults: 10,
};

export interface Worlds {
  endpoint?: fc.Arbitrary<EndpointPlan>;
  event?: fc.Arbitrary<EventPlan>;
  fault?: fc.Arbitrary<Fault>;
  mostFaults?: number;
}

/** A small world, and what goes wrong in it. */
export const planOf = ({
  endpoint = endpointPlan,
  event = eventPlan,
  fault = anyFault,
  mostFaults = 8,
}: Worlds = {}): fc.Arbitrary<Plan> =>
  fc.record({
    endpoints: fc.array(endpoint, { minLength: 1, maxLength: 2 }),
    events: fc.array(event, { minLength: 2, maxLength: 4 }),
    faults: fc.array(
      fc.tuple(at, fault).map(([when, what]) => ({ ...when, ...what })),
      { maxLength: mostFaults },
    ),
    slots: fc.integer({ min: 1, max: 3 }),
    recordsAtOnce: fc.integer({ min: 1, max: 3 }),
    inTheEnd: fc.record({
      expires: fc.boolean(),
      blocked: fc.constantFrom('retry' as const, 'skip' as const),
    }),
    seed: fc.nat(),
  });
