/**
 * What runs in the converter's child process, as plain JavaScript that is given to node itself: a bundle of a service then
 * needs no second file. JSONata lives in a context of its own that holds the language and nothing else: no process, no
 * require, no timers, no code from strings. Only strings go in and out of it.
 */
export const evaluatorSource = String.raw`
'use strict';
const vm = require('node:vm');
const { readFileSync } = require('node:fs');

const { jsonata, patienceMs, ...settings } = JSON.parse(process.argv[1]);
const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
  codeGeneration: { strings: false, wasm: false },
  microtaskMode: 'afterEvaluate',
});
vm.runInContext(readFileSync(jsonata, 'utf8'), context);
vm.runInContext('(' + inside + ')(' + JSON.stringify(settings) + ')', context);
const convert = new vm.Script('convert()');

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
process.on('message', ({ expression, data }) => {
  Object.assign(context, { expression, data, answer: undefined });
  try {
    convert.runInContext(context, { timeout: patienceMs });
  } catch {
    // Whoever asked is gone, or will not wait for this any longer.
    process.exit(1);
  }
  const { answer } = context;
  process.send({ answer: typeof answer === 'string' ? answer : null, cpuMs: cpuMs() });
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.send({ ready: true, cpuMs: cpuMs() });

function inside({ refused, maxSequence, maxStack, maxExpressions, maxText }) {
  const { jsonata } = globalThis;
  const { parse, stringify } = JSON;
  const compiled = new Map();
  const fail = (error) => {
    const message = typeof error?.message === 'string' ? error.message : 'it failed';
    globalThis.answer = stringify({ ok: false, reason: message.slice(0, 500) });
  };
  const compile = (expression) => {
    const known = compiled.get(expression);
    if (known) return known;
    const made = jsonata(expression, { sequence: maxSequence, stack: maxStack });
    for (const name of refused)
      made.registerFunction(name, () => { throw { message: '$' + name + ' may not be used' }; });
    if (compiled.size >= maxExpressions) compiled.clear();
    compiled.set(expression, made);
    return made;
  };
  globalThis.convert = () => {
    try {
      compile(globalThis.expression).evaluate(parse(globalThis.data)).then((value) => {
        const text = stringify(value);
        if (text === undefined) fail({ message: 'it gives nothing' });
        else if (text.length > maxText) fail({ message: 'it gives more than ' + maxText + ' characters' });
        else globalThis.answer = '{"ok":true,"data":' + text + '}';
      }).catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}
`;
