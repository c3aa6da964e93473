// A process of its own that makes a temporary folder, prints its path, and runs until it is killed or its input ends.
import { temporaryFolder } from '../../src/temporary/temporary-folder.ts';

process.stdout.write(`${temporaryFolder()}\n`);
process.stdin.resume();
