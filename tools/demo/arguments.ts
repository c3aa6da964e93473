import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** Print lines instead of a table that is redrawn. */
  plain: boolean;
  /** Leave the platform running at the end. */
  keep: boolean;
  /** The story to play; undefined: four cases through every stage. */
  story: string | undefined;
}

/** The command line is not usable; the message is the usage. */
export class WrongUsage extends Error {}

/**
 * Reads the command line of the demo.
 * @param stories the names of the stories that there are
 * @throws WrongUsage that lists the stories
 */
export function readArguments(args: readonly string[], stories: readonly string[]): DemoOptions {
  const usage = [
    'usage: npm run demo [-- --plain] [--keep]',
    '       npm run demo -- --story <name>',
    `stories: ${stories.join(', ')}`,
  ].join('\n');
  const { plain, keep, story } = valuesOf(args, usage);
  if (story !== undefined && !stories.includes(story))
    throw new WrongUsage(`there is no story ${JSON.stringify(story)}\n\n${usage}`);
  if (story !== undefined && keep)
    throw new WrongUsage(`--keep cannot be combined with --story\n\n${usage}`);
  return { plain, keep, story };
}

function valuesOf(args: readonly string[], usage: string) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        plain: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        story: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new WrongUsage(`${(error as Error).message}\n\n${usage}`);
  }
}
