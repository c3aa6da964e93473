import {
  AutomaticReviewCause,
  DocumentVerdict,
  Stage,
  type Environment,
  type Steering,
} from '@casewire/contracts';

const slow = /^slow-([1-9]\d{0,4})$/;
const longestDelaySeconds = 86_400;

const causes = new Map(
  AutomaticReviewCause.options.map((cause) => [`review-${cause.replaceAll('_', '-')}`, cause]),
);
const verdicts = new Map(DocumentVerdict.options.map((verdict) => [`verdict-${verdict}`, verdict]));

const none: Steering = {
  failing: [],
  delaySeconds: 0,
  verdict: null,
  review: null,
  refreshFails: false,
};

/**
 * What the name of a file makes the platform do: the parts of the name between its dots, such as `extraction-fails`, `slow-30`,
 * `verdict-rejected`, `review-low-confidence` and `refresh-fails`. Other parts have no meaning; of two parts that contradict
 * each other, the last one counts.
 * @param environment names of production uploads are never read
 * @returns undefined for a name without such a part
 */
export function steeringOf(fileName: string, environment: Environment): Steering | undefined {
  if (environment !== 'sandbox') return undefined;
  const found = fileName.split('.').reduce(withPart, none);
  return found === none ? undefined : found;
}

function withPart(before: Steering, part: string): Steering {
  const failing = Stage.options.find((stage) => part === `${stage}-fails`);
  if (failing)
    return { ...before, failing: [...before.failing.filter((one) => one !== failing), failing] };
  if (part === 'refresh-fails') return { ...before, refreshFails: true };
  const seconds = Number(slow.exec(part)?.[1] ?? 0);
  if (seconds > 0 && seconds <= longestDelaySeconds) return { ...before, delaySeconds: seconds };
  const verdict = verdicts.get(part);
  if (verdict) return { ...before, verdict };
  const review = causes.get(part);
  return review ? { ...before, review } : before;
}
