export { TranslationConfig } from './config.ts';
export { start } from './service.ts';
export { translateDocument } from './translation/translate-document.ts';
