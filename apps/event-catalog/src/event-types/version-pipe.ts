import { invalid } from '@casewire/service';
import type { PipeTransform } from '@nestjs/common';

/** A version in a path. */
export class VersionPipe implements PipeTransform<string, number> {
  transform(text: string): number {
    const version = /^[1-9]\d{0,6}$/.test(text) ? Number(text) : 0;
    if (version >= 1 && version <= 1_000_000) return version;
    throw invalid([{ field: 'version', rule: 'must be a whole number from 1 to 1000000' }]);
  }
}
