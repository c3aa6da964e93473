import { notFound } from '@casewire/service';
import type { PipeTransform } from '@nestjs/common';
import { z } from 'zod';

/** What is not written as an id names no case. */
export const caseIdParam: PipeTransform<string, string> = {
  transform(value) {
    if (!z.uuid().safeParse(value).success) throw notFound('case');
    return value;
  },
};
