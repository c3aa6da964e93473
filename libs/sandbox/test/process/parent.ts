// A process of its own that has documents read: for what happens when it ends, or is killed.
import { Sandbox } from '../../src/process/sandbox.ts';

const containment = new Sandbox({ warm: 1, jobFolders: [import.meta.dirname] });
const order = (name: string, args: string) => ({
  kind: 'pdf' as const,
  job: new URL(`${name}.job.ts`, import.meta.url),
  args,
  document: Buffer.from('document'),
  processorMs: 50_000,
});

await containment.run(order('echo', ''));
process.stdout.write(`${containment.launcherPid}\n`);
if (process.argv.includes('loop')) await containment.run(order('misbehave', 'loop'));
