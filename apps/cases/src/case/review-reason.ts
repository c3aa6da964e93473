import type { ReviewCause } from '@casewire/contracts';

const sentences: Record<ReviewCause, string> = {
  unprocessable: 'The document could not be processed automatically',
  low_confidence: 'The type of the document is not certain',
  fields_missing: 'Required fields are missing',
  verdict: 'The verdict on the document requires a person',
  // The person's own words are private data: they are gone once the case is erased.
  manual: '',
};

/** Why a review was opened, in a sentence that ends with the codes. */
export function reasonOf({
  cause,
  reasons,
}: {
  cause: ReviewCause;
  reasons: readonly string[];
}): string {
  return [sentences[cause], reasons.join(', ')].filter((part) => part !== '').join(': ');
}
