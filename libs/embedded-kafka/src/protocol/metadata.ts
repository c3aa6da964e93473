import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface MetadataRequest {
  /** null: all topics. */
  readonly topics: readonly string[] | null;
  readonly mayCreate: boolean;
}

export interface MetadataResponse {
  readonly broker: { nodeId: number; host: string; port: number };
  readonly clusterId: string;
  readonly topics: readonly { error: ErrorCode; name: string; partitions: number }[];
}

export const metadata: Api<MetadataRequest, MetadataResponse> = {
  key: 3,
  name: 'Metadata',
  versions: [0, 6],
  readRequest(reader, version) {
    const named = reader.nullableArray(() => reader.string());
    // Version 0 has no null array: an empty one means all topics.
    const topics = version === 0 && named?.length === 0 ? null : named;
    return { topics, mayCreate: version >= 4 ? reader.boolean() : true };
  },
  writeResponse(writer, { broker, clusterId, topics }, version) {
    if (version >= 3) writer.int32(0);
    writer.array([broker], ({ nodeId, host, port }) => {
      writer.int32(nodeId).string(host).int32(port);
      if (version >= 1) writer.string(null);
    });
    if (version >= 2) writer.string(clusterId);
    if (version >= 1) writer.int32(broker.nodeId);
    writer.array(topics, ({ error, name, partitions }) => {
      writer.int16(error).string(name);
      if (version >= 1) writer.boolean(false);
      writer.array([...Array(partitions).keys()], (index) => {
        writer.int16(0).int32(index).int32(broker.nodeId);
        writer.array([broker.nodeId], (id) => writer.int32(id));
        writer.array([broker.nodeId], (id) => writer.int32(id));
        if (version >= 5) writer.int32(0);
      });
    });
  },
};
