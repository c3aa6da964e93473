export { CatalogConfig } from './config.ts';
export { start } from './service.ts';
