// A process of its own that has documents read: for what happens when it ends, or is killed.
import { Containment } from '../containment.ts';

const containment = new Containment({ warm: 1 });
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
