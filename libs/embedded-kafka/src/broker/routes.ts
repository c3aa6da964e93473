import { apiVersions } from '../protocol/api-versions.ts';
import type { Api } from '../protocol/api.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { FrameReader, MalformedFrame } from '../protocol/frame-reader.ts';
import { FrameWriter } from '../protocol/frame-writer.ts';
import { produce } from '../protocol/produce.ts';
import { readRequestHeader } from '../protocol/request-header.ts';
import type { RequestContext } from './request-context.ts';

const LIBRDKAFKA_LOWEST_PRODUCE = 0;

/** The context that the connection provides; each request adds the client's id. */
export type ConnectionContext = Omit<RequestContext, 'client'> & { readonly clientHost: string };

/** One API with its handler; created by `route`. */
export interface Route {
  readonly key: number;
  readonly versions: readonly [number, number];
  /** Writes the response; false if the client expects none. */
  answer(
    reader: FrameReader,
    writer: FrameWriter,
    version: number,
    context: RequestContext,
  ): Promise<boolean>;
}

/** Binds an API to its handler. A handler that returns undefined sends no response. */
export function route<Request, Response>(
  api: Api<Request, Response>,
  handle: (
    request: Request,
    context: RequestContext,
  ) => Response | undefined | Promise<Response | undefined>,
): Route {
  return {
    key: api.key,
    versions: api.versions,
    async answer(reader, writer, version, context) {
      const response = await handle(api.readRequest(reader, version), context);
      if (response === undefined) return false;
      api.writeResponse(writer, response, version);
      return true;
    },
  };
}

/** Finds the API of a request frame and builds the response frame. */
export class Routes {
  private readonly byKey: Map<number, Route>;

  constructor(routes: readonly Route[]) {
    const own = route(apiVersions, () => this.describe(ErrorCode.none));
    this.byKey = new Map([...routes, own].map((each) => [each.key, each]));
  }

  /**
   * The parts of the response frame; undefined if the client expects none.
   * Throws MalformedFrame, after which the connection must be closed.
   */
  async answer(frame: Buffer, connection: ConnectionContext): Promise<Buffer[] | undefined> {
    const reader = new FrameReader(frame);
    const { apiKey, version, correlationId, clientId } = readRequestHeader(reader);
    const found = this.byKey.get(apiKey);
    const writer = new FrameWriter();
    if (found && version >= found.versions[0] && version <= found.versions[1]) {
      const client = { id: clientId, host: connection.clientHost };
      const hasResponse = await found.answer(reader, writer, version, { ...connection, client });
      return hasResponse ? toFrame(correlationId, writer.finish()) : undefined;
    }
    if (apiKey !== apiVersions.key)
      throw new MalformedFrame(`API ${apiKey} version ${version} is not supported`);
    apiVersions.writeResponse(writer, this.describe(ErrorCode.unsupportedVersion), 0);
    return toFrame(correlationId, writer.finish());
  }

  private describe(error: ErrorCode) {
    const apis = [...this.byKey.values()].map(({ key, versions: [min, max] }) => ({
      key,
      versions: [key === produce.key ? LIBRDKAFKA_LOWEST_PRODUCE : min, max] as const,
    }));
    return { error, apis: apis.toSorted((a, b) => a.key - b.key) };
  }
}

function toFrame(correlationId: number, body: Buffer[]): Buffer[] {
  const header = Buffer.allocUnsafe(8);
  header.writeInt32BE(
    body.reduce((sum, part) => sum + part.length, 4),
    0,
  );
  header.writeInt32BE(correlationId, 4);
  return [header, ...body];
}
