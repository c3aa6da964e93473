/**
 * The program of the converter's sandboxed process, as JavaScript text for `node -e`: the bundle of a service then needs no second
 * file. JSONata runs in a context of its own that has the language and nothing else: no process, no require, no timers, no code
 * from strings. Only strings go in and out of it.
 */
export const evaluatorSource = String.raw`
'use strict';
const vm = require('node:vm');
const { readFileSync } = require('node:fs');

const { jsonata, timeLimitMs, ...settings } = JSON.parse(process.argv[1]);
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
  Object.assign(context, { expression, data, result: undefined });
  try {
    convert.runInContext(context, { timeout: timeLimitMs });
  } catch {
    // The parent has ended or has given up.
    process.exit(1);
  }
  const { result } = context;
  process.send({ result: typeof result === 'string' ? result : null, cpuMs: cpuMs() });
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.send({ ready: true, cpuMs: cpuMs() });

function inside({ refused, maxSequence, maxStack, maxExpressions, maxText }) {
  const { jsonata } = globalThis;
  const { parse, stringify } = JSON;
  const compiled = new Map();
  const fail = (error) => {
    const message = typeof error?.message === 'string' ? error.message : 'it failed';
    globalThis.result = stringify({ ok: false, reason: message.slice(0, 500) });
  };
  const compile = (expression) => {
    const known = compiled.get(expression);
    if (known) return known;
    const compiledExpression = jsonata(expression, { sequence: maxSequence, stack: maxStack });
    for (const name of refused)
      compiledExpression.registerFunction(name, () => { throw { message: '$' + name + ' is not allowed' }; });
    if (compiled.size >= maxExpressions) compiled.clear();
    compiled.set(expression, compiledExpression);
    return compiledExpression;
  };
  globalThis.convert = () => {
    try {
      compile(globalThis.expression).evaluate(parse(globalThis.data)).then((value) => {
        const text = stringify(value);
        if (text === undefined) fail({ message: 'it has no result' });
        else if (text.length > maxText) fail({ message: 'its result has more than ' + maxText + ' characters' });
        else globalThis.result = '{"ok":true,"data":' + text + '}';
      }).catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}
`;
