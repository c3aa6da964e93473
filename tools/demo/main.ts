import 'reflect-metadata';
import { readArguments, WrongUsage } from './arguments.ts';
import { showFourCases } from './four-cases.ts';
import { playStory } from './stories/play-story.ts';
import { stories } from './stories/stories.ts';

const write = (text: string) => void process.stdout.write(text);

async function run(): Promise<number> {
  const { story, ...options } = readArguments(process.argv.slice(2), [...stories.keys()]);
  if (story !== undefined) return playStory(stories.get(story)!, write);
  return showFourCases({ ...options, plain: options.plain || !process.stdout.isTTY }, write);
}

try {
  process.exit(await run());
} catch (error) {
  if (!(error instanceof WrongUsage)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
