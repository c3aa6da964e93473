// The first script of a sandboxed process. It loads the modules on its command line; those in `sources.json` beside it are
// loaded from there, without their types. It runs as JavaScript, from a folder of its own.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const prepared = new URL('sources.json', import.meta.url);
const sources = JSON.parse(readFileSync(prepared, 'utf8')) as Record<string, string>;

registerHooks({
  load(address, context, next) {
    const source = sources[address];
    return source === undefined
      ? next(address, context)
      : { format: 'module', source, shortCircuit: true };
  },
});

for (const module of process.argv.slice(2)) await import(module);
