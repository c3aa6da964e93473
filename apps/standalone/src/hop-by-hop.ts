/**
 * Headers that apply to a single connection and must not be forwarded (RFC 9110, 7.6.1). The receiver of a request responds to
 * `expect` itself; `http2-settings` belongs to an upgrade.
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
 * @param headers values by lower-case name
 * @param connection the value of the header `Connection` as it was received
 */
export function forwardable<T extends Headers>(headers: T, connection: string | undefined): T {
  const named = new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.has(name)),
  ) as T;
}
