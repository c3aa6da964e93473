import type { EventType } from '@casewire/contracts';
import { z } from 'zod';

/** An event type as the catalog stores it: without the fields that publication adds. */
export type CataloguedType = Omit<EventType, 'revision' | 'deletedAt'>;

/** The part of a seeded type that is written by hand. */
export interface TypeDescription {
  category: string;
  trigger: string;
  sample: object;
}

/** Version 1 of an event type, with the schema of its contract. */
export const seed = (
  name: string,
  data: z.ZodType,
  { sample, ...description }: TypeDescription,
  rest: Pick<CataloguedType, 'owner' | 'sourceTopic' | 'ordering' | 'status' | 'callback'> &
    Partial<CataloguedType>,
): CataloguedType => ({
  name,
  version: 1,
  audience: 'partner',
  ...description,
  addressees: null,
  downConversion: null,
  ...rest,
  schema: z.toJSONSchema(data, {
    target: 'draft-2020-12',
    io: 'output',
  }) as CataloguedType['schema'],
  sample: sample as CataloguedType['sample'],
});
