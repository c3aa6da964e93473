import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';

import { isPublic, isWithin, type EgressPolicy } from '@casewire/egress';
import { Agent, buildConnector } from 'undici';

/** The egress policy does not allow the connection. */
export class EgressBlocked extends Error {
  readonly code = 'EGRESS_BLOCKED';
  constructor(reason: string) {
    super(`the endpoint must not be called: ${reason}`);
  }
}

/** Resolves all addresses of a name; a name that an operator allowed is resolved by the operating system. */
export type Resolve = (host: string, allowed: boolean) => Promise<string[]>;

const resolver = new dns.Resolver({ timeout: 2000, tries: 2 });
export const resolveAll: Resolve = (host, allowed) => (allowed ? fromSystem(host) : fromDns(host));

const fromDns = async (host: string) =>
  (await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])).flatMap((result) =>
    result.status === 'fulfilled' ? result.value : [],
  );

/** With hosts file and search domains: localhost and the services of a cluster are not in public DNS. */
const fromSystem = async (host: string) =>
  (await dns.lookup(host, { all: true, order: 'ipv4first' })).map(({ address }) => address);

/**
 * An HTTP agent that connects only to destinations that its policy allows: the name is resolved here, every address must be
 * allowed, the connection goes to the checked address, and the peer is checked again. Literal addresses are checked alike.
 */
export function guardedAgent(
  policy: EgressPolicy,
  resolve: Resolve = resolveAll,
  tls: object = {},
  connector: typeof buildConnector = buildConnector,
): Agent {
  const dial = connector({
    timeout: 5000,
    // HTTP/1.1: one request at a time on a connection, with its limits on responses.
    allowH2: false,
    maxCachedSessions: 0,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...tls,
  });
  const isAllowedHost = (host: string) => policy.allow.includes(host);
  const mayConnect = (host: string, address: string) =>
    isPublic(address) || isAllowedHost(host) || isWithin(address, policy.allow);
  return new Agent({
    connect(options, callback) {
      const host = options.hostname.replace(/^\[|\]$/g, '');
      const port = options.port || (options.protocol === 'https:' ? '443' : '80');
      const connect = async () => {
        if (options.protocol !== 'https:' && !policy.plainHttp)
          throw new EgressBlocked('it is not https');
        const addresses = isIP(host) ? [host] : await resolve(host, isAllowedHost(host));
        const [address] = addresses;
        if (address === undefined)
          throw Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
        const refused = addresses.find((one) => !mayConnect(host, one));
        if (refused !== undefined) throw new EgressBlocked('it has an address that is not public');
        const isPermitted = isAllowedHost(host) || isWithin(address, policy.allow);
        if (port !== '443' && !isPermitted) throw new EgressBlocked(`port ${port} is not 443`);
        if (options.protocol !== 'https:' && !isPermitted)
          throw new EgressBlocked('it is not https');
        const servername = isIP(host) ? undefined : host;
        dial({ ...options, hostname: address, servername }, (error, socket) => {
          const peer = socket?.remoteAddress;
          if (socket && (peer === undefined || !mayConnect(host, peer))) {
            socket.destroy();
            callback(new EgressBlocked('its peer is no public address'), null);
            return;
          }
          if (error) callback(error, null);
          else callback(null, socket);
        });
      };
      void connect().then(undefined, (error: Error) => callback(error, null));
    },
    // Unlimited, up to the dispatcher's slots: endpoints on one host must not wait for each other's responses.
    connections: null,
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: 20_000,
    maxHeaderSize: 16_384,
  });
}
