import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';

import { isPublic, isWithin, type EgressPolicy } from '@casewire/egress';
import { Agent, buildConnector } from 'undici';

export class EgressBlocked extends Error {
  readonly code = 'EGRESS_BLOCKED';
  constructor(what: string) {
    super(`the endpoint must not be called: ${what}`);
  }
}

/** Every address of a name; of one that an operator named, as the machine itself would find it. */
export type Resolve = (host: string, named: boolean) => Promise<string[]>;

const resolver = new dns.Resolver({ timeout: 2000, tries: 2 });
export const resolveAll: Resolve = (host, named) => (named ? fromTheMachine(host) : fromDns(host));

const fromDns = async (host: string) =>
  (await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])).flatMap((answer) =>
    answer.status === 'fulfilled' ? answer.value : [],
  );

/** With its hosts file and search domains: localhost, and services of a cluster, are in no DNS that is asked directly. */
const fromTheMachine = async (host: string) =>
  (await dns.lookup(host, { all: true, order: 'ipv4first' })).map(({ address }) => address);

/**
 * An HTTP agent that connects only to where its policy allows: the name is resolved here, every answer must be allowed,
 * the connection goes to the address that was checked, and the peer is checked again. Literal addresses take the same way.
 */
export function guardedAgent(
  policy: EgressPolicy,
  resolve: Resolve = resolveAll,
  tls: object = {},
  connector: typeof buildConnector = buildConnector,
): Agent {
  const dial = connector({
    timeout: 5000,
    // One request at a time on a connection, with the limits of HTTP/1.1 on what comes back.
    allowH2: false,
    maxCachedSessions: 0,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...tls,
  });
  const named = (host: string) => policy.allow.includes(host);
  const mayConnect = (host: string, address: string) =>
    isPublic(address) || named(host) || isWithin(address, policy.allow);
  return new Agent({
    connect(options, callback) {
      const host = options.hostname.replace(/^\[|\]$/g, '');
      const port = options.port || (options.protocol === 'https:' ? '443' : '80');
      const connect = async () => {
        if (options.protocol !== 'https:' && !policy.plainHttp)
          throw new EgressBlocked('it is not https');
        const addresses = isIP(host) ? [host] : await resolve(host, named(host));
        const [address] = addresses;
        if (address === undefined)
          throw Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
        const refused = addresses.find((one) => !mayConnect(host, one));
        if (refused !== undefined) throw new EgressBlocked('it has an address that is not public');
        const special = named(host) || isWithin(address, policy.allow);
        if (port !== '443' && !special) throw new EgressBlocked(`port ${port} is not 443`);
        if (options.protocol !== 'https:' && !special) throw new EgressBlocked('it is not https');
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
    // As many as there are slots: endpoints that share a host must not wait for each other's answers.
    connections: null,
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: 20_000,
    maxHeaderSize: 16_384,
  });
}
