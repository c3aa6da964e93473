import 'reflect-metadata';
import { afterAll, beforeAll } from 'vitest';

import { limitScenarios } from './cause-to-post/truenroll-limits.ts';
import { statusScenarios } from './cause-to-post/truenroll-status.ts';
import { fieldScenarios, repetitionScenarios } from './cause-to-post/truenroll-submissions.ts';
import { trueworkAnswerScenarios } from './cause-to-post/truework-answers.ts';
import { trueworkCompletionScenarios } from './cause-to-post/truework-completion.ts';
import { trueworkStateScenarios } from './cause-to-post/truework-states.ts';
import { trustgateScenarios } from './cause-to-post/trustgate.ts';
import { trustidScenarios } from './cause-to-post/trustid.ts';
import { truvOrderScenarios } from './cause-to-post/truv-orders.ts';
import { truvRefreshScenarios } from './cause-to-post/truv-refreshes.ts';
import { startedPlatform } from './started-platform.ts';
import type { RunningPlatform, TestPlatform } from './test-platform.ts';

let platform: TestPlatform<RunningPlatform>;
beforeAll(async () => {
  platform = await startedPlatform();
}, 120_000);
afterAll(() => platform?.stop(), 120_000);

fieldScenarios(() => platform);
limitScenarios(() => platform);
repetitionScenarios(() => platform);
statusScenarios(() => platform);
trustgateScenarios(() => platform);
trustidScenarios(() => platform);
trueworkStateScenarios(() => platform);
trueworkCompletionScenarios(() => platform);
trueworkAnswerScenarios(() => platform);
truvOrderScenarios(() => platform);
truvRefreshScenarios(() => platform);
