/**
 * Headers that are about one connection, and end there (RFC 9110, 7.6.1). `expect` is answered by whoever receives the
 * request; `http2-settings` comes with an upgrade.
 */
const hopByHop = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

type Headers = Record<string, string | string[] | undefined>;

/**
 * The headers of a message that may be forwarded: neither hop-by-hop headers nor those that `Connection` names.
 * @param headers by their lower-case names
 * @param connection the value of the header `Connection` as it was received
 */
export function forwardable<T extends Headers>(headers: T, connection: string | undefined): T {
  const named = new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.has(name)),
  ) as T;
}
