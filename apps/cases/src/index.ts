export { CasesConfig } from './config.ts';
export { start } from './service.ts';
