// A process that has the folder of a run, says where, and lives until it is killed.
import { RunFolder } from '../run-folder.ts';

const { path } = await RunFolder.create();
process.stdout.write(`${path}\n`);
process.stdin.resume();
