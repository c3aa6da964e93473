import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { MalformedFrame } from '../protocol/frame-reader.ts';
import { FrameSplitter } from './frame-splitter.ts';

const frame = (content: Uint8Array) => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length);
  return Buffer.concat([length, content]);
};

test('frames are complete and in order, however the bytes are split', () => {
  const contents = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 10 });
  fc.assert(
    fc.property(contents, fc.array(fc.integer({ min: 1, max: 20 })), (sent, cuts) => {
      const splitter = new FrameSplitter(1000);
      const received: Buffer[] = [];
      let rest = Buffer.concat(sent.map(frame));
      for (const cut of [...cuts, Infinity]) {
        splitter.push(rest.subarray(0, cut));
        rest = rest.subarray(cut);
        for (let next = splitter.next(); next; next = splitter.next()) received.push(next);
      }
      expect(received).toEqual(sent.map((content) => Buffer.from(content)));
    }),
  );
});

test.each([-1, -(2 ** 31), 1001, 2 ** 31 - 1])(
  'a frame of %d bytes is refused at once',
  (length) => {
    const splitter = new FrameSplitter(1000);
    const announced = Buffer.alloc(4);
    announced.writeInt32BE(length);
    splitter.push(announced);
    expect(() => splitter.next()).toThrow(MalformedFrame);
  },
);
