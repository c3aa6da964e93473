import type { DialectName, OnExhausted } from '@casewire/contracts';
import * as fc from 'fast-check';

/** How a receiver, or the network before it, reacts to a request. */
export type Reaction =
  | 'accepts'
  | 'accepts after 12 s'
  | 'fails'
  | 'is busy'
  | 'is gone'
  | 'hangs'
  | 'accepts and disconnects'
  | 'is unreachable';

export interface EndpointPlan {
  /** The step at which it is registered. */
  at: number;
  dialect: DialectName;
  /** Delays between attempts in seconds; null: the dialect's schedule. */
  delays: number[] | null;
  onExhausted: OnExhausted;
  maxInFlight: number;
  enabled: boolean;
  /** Its reactions to its requests, in their order; afterwards it accepts everything. */
  reactions: Reaction[];
}

export interface EventPlan {
  /** The step at which it is published. */
  at: number;
  key: string;
  erases: boolean;
}

export type Step = 'ingest' | 'claim' | 'recordResults' | 'health' | 'release';

export type Fault =
  /** An instance crashes or is stopped; another one replaces it. */
  | { fault: 'crash' | 'stop'; instance: number }
  | { fault: 'time passes'; ms: number }
  | { fault: 'call fails' | 'response is lost'; instance: number; step: Step }
  | { fault: 'older records are redelivered' | 'rebalance'; instance: number }
  | { fault: 'disable' | 'enable' | 'suspend' | 'resume' | 'delete'; endpoint: number }
  /** Deliveries that wait for a closed endpoint have reached the retention. */
  | { fault: 'expire' }
  /** A person decides on blocked lanes. */
  | { fault: 'decide'; decision: 'retry' | 'skip' };

export interface Plan {
  endpoints: EndpointPlan[];
  events: EventPlan[];
  faults: ({ at: number } & Fault)[];
  slots: number;
  recordsAtOnce: number;
  /** At the end: whether deliveries for closed endpoints expire, and the decision on blocked lanes. */
  atTheEnd: { expires: boolean; blocked: 'retry' | 'skip' };
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
  crash: fc.record({ fault: fc.constant('crash' as const), instance }),
  stop: fc.record({ fault: fc.constant('stop' as const), instance }),
  maintenance: fc.oneof(
    fc.record({ fault: fc.constant('expire' as const) }),
    fc.record({
      fault: fc.constant('decide' as const),
      decision: fc.constantFrom('retry' as const, 'skip' as const),
    }),
  ),
  timePasses: fc.record({
    fault: fc.constant('time passes' as const),
    // Around the rest of a lease that a send requires, the timeout of a request, and the length of a lease.
    ms: fc
      .oneof(fc.integer({ min: 1, max: 45 }), fc.constantFrom(9, 11, 14, 16, 29, 31))
      .map((seconds) => seconds * 1000),
  }),
  call: fc.record({
    fault: fc.constantFrom('call fails' as const, 'response is lost' as const),
    instance,
    step,
  }),
  records: fc.record({
    fault: fc.constantFrom('older records are redelivered' as const, 'rebalance' as const),
    instance,
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
  { weight: 3, arbitrary: fc.constant<Reaction>('accepts') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Reaction>(
      'accepts after 12 s',
      'fails',
      'fails',
      'is busy',
      'hangs',
      'accepts and disconnects',
      'is unreachable',
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

/** Every kind of fault. */
export const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 3, arbitrary: faults.crash },
  { weight: 4, arbitrary: faults.timePasses },
  { weight: 3, arbitrary: faults.call },
  { weight: 2, arbitrary: faults.records },
  { weight: 3, arbitrary: faults.endpoint },
  { weight: 1, arbitrary: faults.stop },
  { weight: 1, arbitrary: faults.maintenance },
);

/** Instances crash, and time passes at the wrong moment. */
export const leasesExpire: PlanOptions = {
  fault: fc.oneof(faults.crash, faults.timePasses, faults.timePasses, faults.timePasses),
  maxFaults: 12,
};

/** Records are redelivered, partitions are rebalanced and endpoints change. */
export const recordsRedelivered: PlanOptions = {
  fault: fc.oneof(faults.records, faults.endpoint, faults.maintenance, faults.crash, faults.stop),
  maxFaults: 10,
};

export interface PlanOptions {
  endpoint?: fc.Arbitrary<EndpointPlan>;
  event?: fc.Arbitrary<EventPlan>;
  fault?: fc.Arbitrary<Fault>;
  maxFaults?: number;
}

/** A few endpoints and events, and the faults. */
export const planOf = ({
  endpoint = endpointPlan,
  event = eventPlan,
  fault = anyFault,
  maxFaults = 8,
}: PlanOptions = {}): fc.Arbitrary<Plan> =>
  fc.record({
    endpoints: fc.array(endpoint, { minLength: 1, maxLength: 2 }),
    events: fc.array(event, { minLength: 2, maxLength: 4 }),
    faults: fc.array(
      fc.tuple(at, fault).map(([when, what]) => ({ ...when, ...what })),
      { maxLength: maxFaults },
    ),
    slots: fc.integer({ min: 1, max: 3 }),
    recordsAtOnce: fc.integer({ min: 1, max: 3 }),
    atTheEnd: fc.record({
      expires: fc.boolean(),
      blocked: fc.constantFrom('retry' as const, 'skip' as const),
    }),
    seed: fc.nat(),
  });
