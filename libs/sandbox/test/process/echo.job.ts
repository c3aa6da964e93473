import type { Job } from '../../src/inside/job.ts';

/** Returns the document, its size and the argument. */
const echo: Job<string, { size: number; text: string }> = ({ bytes, args }) => ({
  value: { size: bytes.length, text: args },
  blobs: [bytes, Buffer.from(args)],
});
export default echo;
