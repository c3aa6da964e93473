import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { FrameReader, MalformedFrame } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';

const written = (write: (writer: FrameWriter) => void) => {
  const writer = new FrameWriter();
  write(writer);
  return new FrameReader(Buffer.concat(writer.finish()));
};

test('the reader reads the values that the writer wrote', () => {
  const value = fc.record({
    int8: fc.integer({ min: -128, max: 127 }),
    int16: fc.integer({ min: -32_768, max: 32_767 }),
    int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    int64: fc.maxSafeInteger(),
    text: fc.option(fc.string({ unit: 'binary', maxLength: 2000 })),
    bytes: fc.option(fc.uint8Array({ maxLength: 5000 })),
    numbers: fc.array(fc.integer({ min: 0, max: 1000 })),
    varint: fc.nat(2 ** 31 - 1),
    flag: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 20 }), (values) => {
      const reader = written((writer) => {
        for (const each of values) {
          writer.int8(each.int8).int16(each.int16).int32(each.int32).int64(each.int64);
          writer.string(each.text).bytes(each.bytes && Buffer.from(each.bytes));
          writer.array(each.numbers, (number) => writer.int32(number));
          writer.unsignedVarint(each.varint).boolean(each.flag);
        }
      });
      for (const each of values) {
        expect([reader.int8(), reader.int16(), reader.int32(), reader.int64()]).toEqual([
          each.int8,
          each.int16,
          each.int32,
          each.int64,
        ]);
        expect(reader.nullableString()).toBe(each.text && Buffer.from(each.text).toString());
        expect(reader.nullableBytes()).toEqual(each.bytes && Buffer.from(each.bytes));
        expect(reader.array(() => reader.int32())).toEqual(each.numbers);
        expect([reader.unsignedVarint(), reader.boolean()]).toEqual([each.varint, each.flag]);
      }
      expect(reader.remaining).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test.each<[string, (writer: FrameWriter) => void, (reader: FrameReader) => unknown]>([
  ['a string that ends before its length', (w) => w.int16(5).int8(1), (r) => r.string()],
  ['a string of negative length', (w) => w.int16(-2), (r) => r.nullableString()],
  ['null for a required string', (w) => w.int16(-1), (r) => r.string()],
  ['bytes of two gigabytes', (w) => w.int32(2 ** 31 - 1), (r) => r.bytes()],
  ['bytes of negative length', (w) => w.int32(-7), (r) => r.nullableBytes()],
  ['an array of two billion', (w) => w.int32(2 ** 31 - 1), (r) => r.array(() => r.int8())],
  ['an array of negative length', (w) => w.int32(-2), (r) => r.array(() => r.int8())],
  ['a varint that does not end', (w) => w.int64(-1), (r) => r.unsignedVarint()],
  ['an incomplete number', (w) => w.int16(0), (r) => r.int32()],
  ['missing tagged fields', (w) => w.unsignedVarint(9), (r) => r.skipTaggedFields()],
])('%s is refused', (_, write, read) => {
  expect(() => read(written(write))).toThrow(MalformedFrame);
});

test('nested arrays cannot turn a small frame into a large structure', () => {
  const frame = Buffer.alloc(4 * 300_000);
  frame.writeInt32BE(299_999);
  const reader = new FrameReader(frame);
  expect(() => reader.array(() => reader.array(() => 0))).toThrow(MalformedFrame);
});

test('a 64-bit integer beyond the exact range of a number is clamped', () => {
  const reader = new FrameReader(Buffer.from('7fffffffffffffff8000000000000000', 'hex'));
  expect([reader.int64(), reader.int64()]).toEqual([
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ]);
});

const outcomeOf = (reader: FrameReader): unknown => {
  try {
    reader.nullableArray(() => [reader.nullableString(), reader.nullableBytes()]);
    reader.skipTaggedFields();
    return 'read';
  } catch (error) {
    return error instanceof MalformedFrame ? 'refused' : error;
  }
};

test('arbitrary bytes are either read or refused with MalformedFrame', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(['read', 'refused']).toContain(outcomeOf(new FrameReader(Buffer.from(bytes))));
    }),
  );
});
