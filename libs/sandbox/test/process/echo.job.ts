import type { Job } from '../../src/process/job.ts';

/** Gives back the document, and how large it was. */
const echo: Job<string, { size: number; said: string }> = ({ bytes, args }) => ({
  value: { size: bytes.length, said: args },
  blobs: [bytes, Buffer.from(args)],
});
export default echo;
