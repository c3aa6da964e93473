/**
 * What a destination's token bucket holds now: it fills by its rate, up to one second's worth (or one token, where a second
 * is worth less). Stored is what was left when it was last taken from.
 */
export const availableTokens = (d: string): string =>
  `least(greatest(${d}.rate_per_second, 1), ${d}.tokens + ${d}.rate_per_second
     * greatest(0, extract(epoch from now() - ${d}.tokens_at)))`;
