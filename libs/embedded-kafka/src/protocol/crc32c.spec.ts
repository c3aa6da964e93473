import { expect, test } from 'vitest';

import { crc32c } from './crc32c.ts';

// RFC 3720, appendix B.4, and the check value of the CRC catalogue.
test.each([
  ['nothing', Buffer.alloc(0), 0],
  ['the digits 1 to 9', Buffer.from('123456789'), 0xe3069283],
  ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 times 0xff', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['0 to 31', Buffer.from([...Array(32).keys()]), 0x46dd794e],
])('the checksum of %s is the published one', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

test('the checksum starts at the given position, at any alignment', () => {
  for (let start = 0; start < 9; start++) {
    const bytes = Buffer.concat([Buffer.alloc(start, 7), Buffer.from('123456789')]);
    expect(crc32c(bytes, start)).toBe(0xe3069283);
  }
});
