import { once } from 'node:events';

import { describe, expect, onTestFinished, test } from 'vitest';

import {
  fetchBody,
  produceBody,
  RawClient,
  readFetched,
  readProduced,
  requestFrame,
} from '../../test/raw-client.ts';
import { batchOf, valuesIn } from '../../test/record-batches.ts';
import { startedBroker } from '../../test/started-broker.ts';
import { apiVersions } from '../protocol/api-versions.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { fetch } from '../protocol/fetch.ts';
import { metadata } from '../protocol/metadata.ts';
import { produce } from '../protocol/produce.ts';

const MAX_BATCH = 1024 * 1024;
const length = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

async function newClient() {
  const logged: object[] = [];
  const note = (line: object) => void logged.push(line);
  const broker = await startedBroker(onTestFinished, {
    maxBatchBytes: MAX_BATCH,
    logger: { info: note, error: note },
  });
  const connect = async () => {
    const client = await RawClient.connect(broker.port);
    onTestFinished(() => client.close());
    return client;
  };
  const client = await connect();
  client.send(metadata, 4, 0, (body) =>
    body.array(['t'], (name) => body.string(name)).boolean(true),
  );
  await client.next();
  return { broker, client, connect, logged };
}

describe('responses', () => {
  test('are sent in the order of the requests, although a later one is ready sooner', async () => {
    const { client } = await newClient();
    client.send(fetch, 4, 1, fetchBody('t', 0, 0, 100));
    client.send(apiVersions, 0, 2, () => {});
    client.send(fetch, 4, 3, fetchBody('t', 0, 0, 50));
    client.send(apiVersions, 0, 4, () => {});
    const order = [];
    for (let n = 0; n < 4; n++) order.push((await client.next()).correlationId);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test('to many concurrent requests are all sent', async () => {
    const { client } = await newClient();
    const count = 500;
    const frames = Array.from({ length: count }, (_, n) =>
      requestFrame(produce.key, 3, n, produceBody('t', 0, batchOf([`value ${n}`]))),
    );
    client.socket.write(Buffer.concat(frames));
    for (let n = 0; n < count; n++) {
      const response = await client.next();
      expect(response.correlationId).toBe(n);
      expect(readProduced(response)).toEqual({ error: 0, baseOffset: n });
    }
  });

  test('to a fetch wait for records and are sent as soon as there are some', async () => {
    const { client, connect } = await newClient();
    const producer = await connect();
    client.send(fetch, 4, 1, fetchBody('t', 0, 0, 60_000));
    client.send(apiVersions, 0, 2, () => {});
    producer.send(produce, 3, 1, produceBody('t', 0, batchOf(['here'])));
    const fetched = readFetched(await client.next());
    expect(valuesIn(fetched.records)).toEqual([[0, 'here']]);
    expect(fetched.highWatermark).toBe(1);
  });

  test('to a fetch beyond the end, or from a topic that does not exist, are sent at once', async () => {
    const { client } = await newClient();
    client.send(fetch, 4, 1, fetchBody('t', 0, 5, 60_000));
    client.send(fetch, 4, 2, fetchBody('nowhere', 0, 0, 60_000));
    expect(readFetched(await client.next()).error).toBe(ErrorCode.offsetOutOfRange);
    expect(readFetched(await client.next()).error).toBe(ErrorCode.unknownTopicOrPartition);
  });
});

describe('producing', () => {
  test('with acks 0 has no response, and the records are stored', async () => {
    const { client } = await newClient();
    client.send(produce, 3, 1, produceBody('t', 0, batchOf(['quiet']), 0));
    client.send(produce, 3, 2, produceBody('t', 0, batchOf(['loud']), 1));
    const response = await client.next();
    expect(response.correlationId).toBe(2);
    expect(readProduced(response)).toEqual({ error: 0, baseOffset: 1 });
    client.send(fetch, 4, 3, fetchBody('t', 0, 0));
    expect(valuesIn(readFetched(await client.next()).records)).toEqual([
      [0, 'quiet'],
      [1, 'loud'],
    ]);
  });

  test('with acks 0 a refused batch ends the connection', async () => {
    const { client } = await newClient();
    client.send(produce, 3, 1, produceBody('nowhere', 0, batchOf(['a']), 0));
    await client.closed;
    expect(client.unread).toBe(0);
  });

  const damaged = batchOf(['damaged']);
  damaged[damaged.length - 2]! ^= 1;
  test.each<[string, ReturnType<typeof produceBody>, ErrorCode]>([
    ['a damaged batch', produceBody('t', 0, damaged), ErrorCode.corruptMessage],
    [
      'a batch that is too large',
      produceBody('t', 0, batchOf(['x'.repeat(MAX_BATCH)])),
      ErrorCode.messageTooLarge,
    ],
    ['no batch', produceBody('t', 0, null), ErrorCode.corruptMessage],
    ['acks of 2', produceBody('t', 0, batchOf(['a']), 2), ErrorCode.invalidRequiredAcks],
    [
      'a partition that does not exist',
      produceBody('t', 99, batchOf(['a'])),
      ErrorCode.unknownTopicOrPartition,
    ],
    [
      'a negative partition',
      produceBody('t', -1, batchOf(['a'])),
      ErrorCode.unknownTopicOrPartition,
    ],
  ])('%s is refused, and no record is stored', async (_, body, error) => {
    const { client } = await newClient();
    client.send(produce, 3, 1, body);
    expect(readProduced(await client.next())).toEqual({ error, baseOffset: -1 });
    client.send(fetch, 4, 2, fetchBody('t', 0, 0));
    expect(readFetched(await client.next()).highWatermark).toBe(0);
  });
});

describe('invalid requests', () => {
  test('a newer ApiVersions request gets a response of the oldest version with the supported APIs', async () => {
    const { client } = await newClient();
    client.send(apiVersions, 9, 7, (body) => body.noTaggedFields());
    const { correlationId, body } = await client.next();
    expect(correlationId).toBe(7);
    expect(body.int16()).toBe(ErrorCode.unsupportedVersion);
    const apis = body.array(() => [body.int16(), body.int16(), body.int16()]);
    expect(apis).toContainEqual([apiVersions.key, ...apiVersions.versions]);
    expect(body.remaining).toBe(0);
  });

  test.each<[string, Buffer]>([
    ['a frame of two gigabytes', length(2 ** 31 - 1)],
    ['a frame of negative length', length(-1)],
    ['a frame without a header', length(0)],
    ['an API that does not exist', requestFrame(999, 0, 1, () => {})],
    ['a version before record batches', requestFrame(produce.key, 2, 1, () => {})],
    ['an incomplete request', requestFrame(metadata.key, 4, 1, (body) => body.int32(1))],
    [
      'an array of two billion',
      requestFrame(metadata.key, 4, 1, (body) => body.int32(2 ** 31 - 1)),
    ],
    ['a request of another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ])('%s ends its own connection only', async (_, bytes) => {
    const { client, connect, logged } = await newClient();
    const other = await connect();
    client.socket.write(bytes);
    await client.closed;
    expect(client.unread).toBe(0);
    expect(logged).toContainEqual(
      expect.objectContaining({ event: 'embedded-kafka.connection-failed' }),
    );
    other.send(apiVersions, 0, 1, () => {});
    expect((await other.next()).correlationId).toBe(1);
  });

  test('requests before an invalid one are handled, and their records are stored', async () => {
    const { client, connect } = await newClient();
    const good = requestFrame(produce.key, 3, 1, produceBody('t', 0, batchOf(['good'])));
    client.socket.write(Buffer.concat([good, length(-1)]));
    await client.closed;
    const other = await connect();
    other.send(fetch, 4, 1, fetchBody('t', 0, 0, 60_000));
    expect(valuesIn(readFetched(await other.next()).records)).toEqual([[0, 'good']]);
  });
});

describe('stopping', () => {
  test('responds to running writes, ends waits, and closes the connections', async () => {
    const { broker, client, connect } = await newClient();
    const waiting = await connect();
    waiting.send(fetch, 4, 1, fetchBody('t', 1, 0, 60_000));
    client.send(produce, 3, 2, produceBody('t', 0, batchOf(['last'])));
    expect(readProduced(await client.next())).toEqual({ error: 0, baseOffset: 0 });
    await broker.stop();
    expect(readFetched(await waiting.next())).toMatchObject({ error: 0, highWatermark: 0 });
    await Promise.all([client.closed, waiting.closed]);
    await expect(RawClient.connect(broker.port)).rejects.toThrow('ECONNREFUSED');
  });

  test('does not wait indefinitely for a client that does not read', async () => {
    const { broker, client, connect } = await newClient();
    client.send(produce, 3, 1, produceBody('t', 0, batchOf(['x'.repeat(MAX_BATCH - 100)])));
    await client.next();
    const deaf = await connect();
    const frame = requestFrame(fetch.key, 4, 1, fetchBody('t', 0, 0));
    deaf.socket.write(Buffer.concat(Array<Buffer>(64).fill(frame)));
    await once(deaf.socket, 'data');
    deaf.socket.pause();
    await broker.stop();
    await expect(RawClient.connect(broker.port)).rejects.toThrow('ECONNREFUSED');
  });
});
