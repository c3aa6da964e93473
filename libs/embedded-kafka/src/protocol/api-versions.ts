import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface ApiVersionsResponse {
  readonly error: ErrorCode;
  readonly apis: readonly { key: number; versions: readonly [number, number] }[];
}

/** ApiVersions lists the supported APIs. An unsupported version gets a response of version 0 with error 35 (KIP-511). */
export const apiVersions: Api<object, ApiVersionsResponse> = {
  key: 18,
  name: 'ApiVersions',
  versions: [0, 3],
  // Version 3 also has the client's name and version, which are not used here.
  readRequest: () => ({}),
  writeResponse(writer, { error, apis }, version) {
    writer.int16(error);
    if (version >= 3) {
      writer.compactArray(apis, ({ key, versions: [min, max] }) =>
        writer.int16(key).int16(min).int16(max).noTaggedFields(),
      );
      writer.int32(0).noTaggedFields();
      return;
    }
    writer.array(apis, ({ key, versions: [min, max] }) => writer.int16(key).int16(min).int16(max));
    if (version >= 1) writer.int32(0);
  },
};
