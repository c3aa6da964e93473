// A process of its own that makes a temporary folder, says where, and lives until it is ended or its input ends.
import { temporaryFolder } from '../../src/temporary/temporary-folder.ts';

process.stdout.write(`${temporaryFolder()}\n`);
process.stdin.resume();
