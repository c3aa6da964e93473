import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export const CoordinatorType = { group: 0, transaction: 1 } as const;

export interface FindCoordinatorRequest {
  readonly key: string;
  readonly keyType: number;
}

export interface FindCoordinatorResponse {
  readonly error: ErrorCode;
  readonly message: string | null;
  readonly coordinator: { nodeId: number; host: string; port: number };
}

export const findCoordinator: Api<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 2],
  readRequest: (reader, version) => ({
    key: reader.string(),
    keyType: version >= 1 ? reader.int8() : CoordinatorType.group,
  }),
  writeResponse(writer, { error, message, coordinator }, version) {
    if (version >= 1) writer.int32(0);
    writer.int16(error);
    if (version >= 1) writer.string(message);
    writer.int32(coordinator.nodeId).string(coordinator.host).int32(coordinator.port);
  },
};
