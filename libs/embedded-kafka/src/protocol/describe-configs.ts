import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export const ResourceType = { topic: 2, broker: 4 } as const;
export const ConfigSource = { topic: 1, staticBroker: 4, default: 5 } as const;

export interface DescribeConfigsRequest {
  readonly resources: readonly {
    type: number;
    name: string;
    /** null: all of them. */
    configNames: readonly string[] | null;
  }[];
}

export interface DescribedConfig {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
  readonly readOnly: boolean;
}

export interface DescribeConfigsResponse {
  readonly resources: readonly {
    error: ErrorCode;
    message: string | null;
    type: number;
    name: string;
    configs: readonly DescribedConfig[];
  }[];
}

export const describeConfigs: Api<DescribeConfigsRequest, DescribeConfigsResponse> = {
  key: 32,
  name: 'DescribeConfigs',
  versions: [0, 2],
  readRequest(reader, version) {
    const resources = reader.array(() => ({
      type: reader.int8(),
      name: reader.string(),
      configNames: reader.nullableArray(() => reader.string()),
    }));
    if (version >= 1) reader.boolean();
    return { resources };
  },
  writeResponse(writer, { resources }, version) {
    writer.int32(0).array(resources, ({ error, message, type, name, configs }) => {
      writer.int16(error).string(message).int8(type).string(name);
      writer.array(configs, (config) => {
        writer.string(config.name).string(config.value).boolean(config.readOnly);
        if (version === 0) writer.boolean(config.source !== ConfigSource.topic);
        else writer.int8(config.source);
        writer.boolean(false);
        // Synonyms are other sources of a value: there are none.
        if (version >= 1) writer.int32(0);
      });
    });
  },
};
