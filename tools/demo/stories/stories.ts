import type { Story } from './story.ts';
import { truework } from './truework.story.ts';
import { trustgate } from './trustgate.story.ts';
import { trustid } from './trustid.story.ts';
import { truv } from './truv.story.ts';

/** The stories of the demo, by name. */
export const stories: ReadonlyMap<string, Story> = new Map([
  ['trustid', trustid],
  ['trustgate', trustgate],
  ['truework', truework],
  ['truv', truv],
]);
