import { type Job, JobError } from '../../src/process/job.ts';

const ways = {
  loop: () => {
    for (;;);
  },
  devour: () => {
    const kept: Buffer[] = [];
    for (let i = 0; i < 40; i++) kept.push(Buffer.alloc(50 * 2 ** 20, 1));
    return kept.length;
  },
  end: () => process.exit(3),
  sleep: () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    return 'awake';
  },
  die: () => {
    process.kill(process.pid, 'SIGKILL');
    for (;;);
  },
  cling: () => {
    process.on('exit', () => {
      for (;;);
    });
    return 'answered';
  },
  document: () => {
    throw new JobError('DOCUMENT_ENCRYPTED', 'the PDF asks for a password');
  },
  fault: () => {
    throw new TypeError('a mistake of ours');
  },
};

/** Does what a hostile document may make a parser do. */
const misbehave: Job<keyof typeof ways, unknown> = ({ args }) => ({ value: ways[args]() });
export default misbehave;
