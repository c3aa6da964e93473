import type { Job } from '../../src/process/job.ts';

const attempts: Record<string, () => unknown> = {
  readFile: async () => (await import('node:fs')).readFileSync('/etc/hostname'),
  writeFile: async () => (await import('node:fs')).writeFileSync('/tmp/contained', 'x'),
  spawn: async () => (await import('node:child_process')).execFileSync('true'),
  worker: async () => new (await import('node:worker_threads')).Worker('1', { eval: true }),
};

/** Tries what no reader of documents needs; answers with what was refused, and with the environment it saw. */
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
