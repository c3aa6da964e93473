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

describe('answers', () => {
  test('come in the order of the requests, though a later one could be answered sooner', async () => {
    const { client } = await newClient();
    client.send(fetch, 4, 1, fetchBody('t', 0, 0, 100));
    client.send(apiVersions, 0, 2, () => {});
    client.send(fetch, 4, 3, fetchBody('t', 0, 0, 50));
    client.send(apiVersions, 0, 4, () => {});
    const order = [];
    for (let n = 0; n < 4; n++) order.push((await client.next()).correlationId);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test('of many requests sent at once all come', async () => {
    const { client } = await newClient();
    const count = 500;
    const frames = Array.from({ length: count }, (_, n) =>
      requestFrame(produce.key, 3, n, produceBody('t', 0, batchOf([`value ${n}`]))),
    );
    client.socket.write(Buffer.concat(frames));
    for (let n = 0; n < count; n++) {
      const answer = await client.next();
      expect(answer.correlationId).toBe(n);
      expect(readProduced(answer)).toEqual({ error: 0, baseOffset: n });
    }
  });

  test('of a fetch wait for records and come as soon as there are some', async () => {
    const { client, connect } = await newClient();
    const producer = await connect();
    client.send(fetch, 4, 1, fetchBody('t', 0, 0, 60_000));
    client.send(apiVersions, 0, 2, () => {});
    producer.send(produce, 3, 1, produceBody('t', 0, batchOf(['here'])));
    const fetched = readFetched(await client.next());
    expect(valuesIn(fetched.records)).toEqual([[0, 'here']]);
    expect(fetched.highWatermark).toBe(1);
  });

  test('of a fetch beyond the end, or from a topic that is not there, come at once', async () => {
    const { client } = await newClient();
    client.send(fetch, 4, 1, fetchBody('t', 0, 5, 60_000));
    client.send(fetch, 4, 2, fetchBody('nowhere', 0, 0, 60_000));
    expect(readFetched(await client.next()).error).toBe(ErrorCode.offsetOutOfRange);
    expect(readFetched(await client.next()).error).toBe(ErrorCode.unknownTopicOrPartition);
  });
});

describe('producing', () => {
  test('with acks 0 has no answer, and the records are kept', async () => {
    const { client } = await newClient();
    client.send(produce, 3, 1, produceBody('t', 0, batchOf(['quiet']), 0));
    client.send(produce, 3, 2, produceBody('t', 0, batchOf(['loud']), 1));
    const answer = await client.next();
    expect(answer.correlationId).toBe(2);
    expect(readProduced(answer)).toEqual({ error: 0, baseOffset: 1 });
    client.send(fetch, 4, 3, fetchBody('t', 0, 0));
    expect(valuesIn(readFetched(await client.next()).records)).toEqual([
      [0, 'quiet'],
      [1, 'loud'],
    ]);
  });

  test('with acks 0 something that is refused ends the connection', async () => {
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
      'too large a batch',
      produceBody('t', 0, batchOf(['x'.repeat(MAX_BATCH)])),
      ErrorCode.messageTooLarge,
    ],
    ['no batch', produceBody('t', 0, null), ErrorCode.corruptMessage],
    ['acks of 2', produceBody('t', 0, batchOf(['a']), 2), ErrorCode.invalidRequiredAcks],
    [
      'a partition too far',
      produceBody('t', 99, batchOf(['a'])),
      ErrorCode.unknownTopicOrPartition,
    ],
    [
      'a negative partition',
      produceBody('t', -1, batchOf(['a'])),
      ErrorCode.unknownTopicOrPartition,
    ],
  ])('%s is refused and leaves nothing', async (_, body, error) => {
    const { client } = await newClient();
    client.send(produce, 3, 1, body);
    expect(readProduced(await client.next())).toEqual({ error, baseOffset: -1 });
    client.send(fetch, 4, 2, fetchBody('t', 0, 0));
    expect(readFetched(await client.next()).highWatermark).toBe(0);
  });
});

describe('what is not understood', () => {
  test('a newer ApiVersions is answered in the oldest form, with what there is', async () => {
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
    ['a version of before record batches', requestFrame(produce.key, 2, 1, () => {})],
    ['a request cut off', requestFrame(metadata.key, 4, 1, (body) => body.int32(1))],
    [
      'an array of two billion',
      requestFrame(metadata.key, 4, 1, (body) => body.int32(2 ** 31 - 1)),
    ],
    ['something of another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ])('%s ends that connection, and only that', async (_, bytes) => {
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

  test('requests before a bad one are still begun, and their records kept', async () => {
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
  test('answers what is being written, ends what waits, and closes the connections', async () => {
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

  test('does not wait for ever for a client that reads nothing', async () => {
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
