import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPlatform } from '@casewire/standalone';

import { requestsOf } from './expected-requests.ts';
import { Facts } from './facts.ts';
import type { People } from './people.ts';
import { StoryProgress } from './story-progress.ts';
import { StoryReceiver } from './story-receiver.ts';
import { report, requestLine } from './story-report.ts';
import { settle, setUp } from './story-setup.ts';
import type { Step, Story } from './story.ts';

/** For all steps together: the whole demo takes less than a minute. */
const patienceMs = 120_000;

/**
 * Plays a story on a platform of its own, and prints what people do and each request as it arrives.
 * @returns the exit code: 1 if a request is missing, superfluous, out of order, not verified, or has other values
 */
export async function playStory(story: Story, write: (text: string) => void): Promise<number> {
  const print = (line = '') => write(`${line}\n`);
  const facts = new Facts();
  const progress = new StoryProgress(facts, (request) => print(`       ${requestLine(request)}`));
  const receiver = new StoryReceiver(story, (request) => progress.add(request));
  print(`${story.title}\n`);
  const directory = mkdtempSync(join(tmpdir(), 'casewire-demo-'));
  const platform = await startPlatform({ directory, env: { LOG_LEVEL: 'error' } });
  try {
    const giveUp = AbortSignal.timeout(patienceMs);
    const show = (line: string) => print(`       ${line}`);
    const people = await setUp(platform, receiver, facts, story, { show, giveUp });
    const isWhole = await playSteps(story, people, progress, giveUp, print);
    await settle(people, giveUp);
    progress.acceptEarly();
    const code = report(progress.expected, progress.received, print);
    return isWhole ? code : 1;
  } finally {
    receiver.stop();
    await platform.destroy();
  }
}

/**
 * Each step waits for the events of the one before: people act on what they received.
 * @returns false if a step failed or its events did not come: the events of all later steps are missing, too
 */
async function playSteps(
  { steps, targets }: Pick<Story, 'steps' | 'targets'>,
  people: People,
  progress: StoryProgress,
  giveUp: AbortSignal,
  print: (line: string) => void,
): Promise<boolean> {
  let isWhole = true;
  for (const [i, step] of steps.entries()) {
    if (isWhole) {
      print(`  ${i + 1}. ${step.text}`);
      isWhole = await act(step, people, print);
    }
    progress.acceptEarly();
    progress.expect(requestsOf(step, targets, people.facts));
    isWhole &&= await progress.complete(giveUp);
  }
  return isWhole;
}

async function act(step: Step, people: People, print: (line: string) => void): Promise<boolean> {
  try {
    await step.act(people);
    return true;
  } catch (error) {
    print(`     It failed: ${(error as Error).message}`);
    return false;
  }
}
