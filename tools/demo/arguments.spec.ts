import { expect, test } from 'vitest';

import { readArguments, WrongUsage } from './arguments.ts';

const stories = ['trustid', 'trustgate'];

test('without a story the demo shows four cases', () => {
  expect(readArguments([], stories)).toEqual({ plain: false, keep: false, story: undefined });
  expect(readArguments(['--plain', '--keep'], stories)).toMatchObject({ plain: true, keep: true });
});

test('a story is chosen by its name', () => {
  expect(readArguments(['--story', 'trustid'], stories).story).toBe('trustid');
  expect(readArguments(['--story=trustgate'], stories).story).toBe('trustgate');
});

test.each([
  ['an unknown story', ['--story', 'truenroll'], 'there is no story "truenroll"'],
  ['a story without a name', ['--story'], 'argument missing'],
  ['a story that is to be left running', ['--story', 'trustid', '--keep'], '--keep cannot be'],
  ['an unknown option', ['--fast'], "Unknown option '--fast'"],
])('%s is refused with the list of stories', (_, args, reason) => {
  const read = () => readArguments(args, stories);
  expect(read).toThrow(WrongUsage);
  expect(read).toThrow(reason);
  expect(read).toThrow('stories: trustid, trustgate');
});
