import { invalid } from './refusal.ts';

/**
 * Holds a URL that is to be called against what may be called at all.
 * @param field the name of the field that it was given in
 * @throws Refusal that names the field and the rule
 */
export function checkCallableUrl(
  field: string,
  url: string,
  { plainHttp }: { plainHttp: boolean },
): void {
  const { protocol, username, password } = new URL(url);
  const rule =
    protocol !== 'https:' && !plainHttp
      ? 'must be https'
      : username || password
        ? 'must not hold credentials'
        : url.includes('#')
          ? 'must not have a fragment'
          : null;
  if (rule) throw invalid([{ field, rule }]);
}
