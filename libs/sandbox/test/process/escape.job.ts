import type { Job } from '../../src/inside/job.ts';

const attempts: Record<string, () => unknown> = {
  readFile: async () => (await import('node:fs')).readFileSync('/etc/hostname'),
  writeFile: async () => (await import('node:fs')).writeFileSync('/tmp/sandboxed', 'x'),
  spawn: async () => (await import('node:child_process')).execFileSync('true'),
  worker: async () => new (await import('node:worker_threads')).Worker('1', { eval: true }),
};

/** Attempts accesses that no reader of documents needs; returns the refused ones and the environment variables. */
const escape: Job<null, { refused: string[]; environment: string[] }> = async () => {
  const refused: string[] = [];
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
    } catch (error) {
      refused.push(`${name}: ${(error as NodeJS.ErrnoException).code}`);
    }
  }
  return { value: { refused, environment: Object.keys(process.env) } };
};
export default escape;
