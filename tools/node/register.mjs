// Runs TypeScript sources with the resolver and the transformer of @oxc-node/core. The hooks of that package run on a separate
// thread for every module, which makes the start of a service 50 % slower. These hooks run on the main thread, and only for the
// modules of the project.
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

import { createResolve, load } from '@oxc-node/core';

const root = fileURLToPath(new URL('../../', import.meta.url));
process.setSourceMapsEnabled(true);

const isOurs = (url) => url?.endsWith('.ts') && !url.includes('/node_modules/');
const namesOurs = (specifier, parent) =>
  specifier.startsWith('@casewire/') ||
  isOurs(specifier) ||
  (specifier.startsWith('.') && isOurs(parent));

registerHooks({
  resolve: (specifier, context, next) =>
    namesOurs(specifier, context.parentURL)
      ? createResolve({ getCurrentDirectory: () => root }, specifier, context, next)
      : next(specifier, context),
  load: (url, context, next) => (isOurs(url) ? load(url, context, next) : next(url, context)),
});
