// The first script of a child: makes the modules that stand stripped beside it be loaded from there, and loads those
// that it was given. Run as JavaScript, from a folder of its own.
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
