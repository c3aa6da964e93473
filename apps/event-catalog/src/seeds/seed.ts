import type { EventType } from '@casewire/contracts';
import { z } from 'zod';

/** An event type as the catalog stores it; what publishing adds is left out. */
export type CataloguedType = Omit<EventType, 'revision' | 'deletedAt'>;

/** The part of a seed that people wrote. */
export interface TypeDescription {
  category: string;
  trigger: string;
  sample: object;
}

/** Version 1 of a type that a contract describes. */
export const seed = (
  name: string,
  data: z.ZodType,
  { sample, ...told }: TypeDescription,
  rest: Pick<CataloguedType, 'owner' | 'sourceTopic' | 'ordering' | 'status' | 'callback'> &
    Partial<CataloguedType>,
): CataloguedType => ({
  name,
  version: 1,
  audience: 'partner',
  ...told,
  addressees: null,
  downConversion: null,
  ...rest,
  schema: z.toJSONSchema(data, {
    target: 'draft-2020-12',
    io: 'output',
  }) as CataloguedType['schema'],
  sample: sample as CataloguedType['sample'],
});
