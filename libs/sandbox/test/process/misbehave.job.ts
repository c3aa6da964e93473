import type { Job } from '../../src/inside/job.ts';
import { JobError } from '../../src/job-error.ts';

const actions = {
  loop: () => {
    for (;;);
  },
  allocate: () => {
    const kept: Buffer[] = [];
    for (let i = 0; i < 40; i++) kept.push(Buffer.alloc(50 * 2 ** 20, 1));
    return kept.length;
  },
  exit: () => process.exit(3),
  sleep: () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    return 'awake';
  },
  killItself: () => {
    process.kill(process.pid, 'SIGKILL');
    for (;;);
  },
  stayAlive: () => {
    process.on('exit', () => {
      for (;;);
    });
    return 'answered';
  },
  documentFault: () => {
    throw new JobError('DOCUMENT_ENCRYPTED', 'the PDF asks for a password');
  },
  otherError: () => {
    throw new TypeError('a defect of the reader');
  },
};

/** Does what a hostile document may make a parser do: `args` names the action. */
const misbehave: Job<keyof typeof actions, unknown> = ({ args }) => ({ value: actions[args]() });
export default misbehave;
