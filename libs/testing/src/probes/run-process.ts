// Creates the folder of a test run, prints its path, and runs until it is killed.
import { RunFolder } from '../run-folder.ts';

const { path } = await RunFolder.create();
process.stdout.write(`${path}\n`);
process.stdin.resume();
