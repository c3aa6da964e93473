import type { DialectName } from '@casewire/contracts';

import type { Facts } from './facts.ts';
import type { People } from './people.ts';
import type { Credentials, Verification } from './verification.ts';

/** Where requests arrive: at an endpoint, at the callback URL of a case, or at the callback URL of the organization. */
export type Target = 'endpoint' | 'case callback' | 'organization callback';

/** What one request says, in the words of the story's system. */
export interface ReadRequest {
  event: string;
  /** The id of the case or of the order that the event is about. */
  aboutId: string;
  /** The fields that are shown and checked. */
  fields: Record<string, unknown>;
}

/** A value that is known in advance, or that follows from what happened. */
export type ExpectedValue = string | number | boolean | null | ((facts: Facts) => unknown);

export interface ExpectedEvent {
  event: string;
  /** What the event is about: a case by the external id of its submission, or an order by its name in the story. */
  about: string;
  fields: Record<string, ExpectedValue>;
}

/** What one person or system does, and the events that follow from it. They arrive at every target of the story. */
export interface Step {
  /** A sentence for the reader. */
  text: string;
  act(people: People): Promise<unknown>;
  expect: ExpectedEvent[];
}

/** The events of one system, caused as its users cause them. */
export interface Story {
  title: string;
  dialect: DialectName;
  /** Where the requests of each event are expected; none is expected anywhere else. */
  targets: Target[];
  read(body: Buffer): ReadRequest;
  /** Checks the signatures of a request as a receiver does. */
  verify(body: Buffer, headers: Record<string, string>, credentials: Credentials): Verification[];
  steps: Step[];
}
