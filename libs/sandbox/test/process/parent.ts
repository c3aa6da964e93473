// A process of its own with a sandbox: a test ends or kills it. It prints the process id of its launcher.
import { Sandbox } from '../../src/sandbox/sandbox.ts';

const sandbox = new Sandbox({ warm: 1, jobFolders: [import.meta.dirname] });
const jobOf = (name: string, args: string) => ({
  kind: 'pdf' as const,
  job: new URL(`${name}.job.ts`, import.meta.url),
  args,
  document: Buffer.from('document'),
  processorMs: 50_000,
});

await sandbox.run(jobOf('echo', ''));
process.stdout.write(`${sandbox.launcherPid}\n`);
if (process.argv.includes('loop')) await sandbox.run(jobOf('misbehave', 'loop'));
