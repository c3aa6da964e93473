/**
 * What a destination's token bucket holds now: it fills by its rate, up to one second's worth (or one token, where a second
 * is worth less). Stored is what was left when it was last taken from.
 */
export const availableTokens = (d: string): string =>
  `least(greatest(${d}.effective_rate, 1), ${d}.tokens + ${d}.effective_rate
     * greatest(0, extract(epoch from now() - ${d}.tokens_at)))`;
