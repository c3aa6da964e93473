/**
 * SQL for the tokens in a destination's bucket now: it fills at its rate, up to the tokens of one second, or one token if the
 * rate is lower. The row stores what was left after the last claim.
 * @param d the alias of the destination
 */
export const availableTokens = (d: string): string =>
  `least(greatest(${d}.effective_rate, 1), ${d}.tokens + ${d}.effective_rate
     * greatest(0, extract(epoch from now() - ${d}.tokens_at)))`;
