export { DocumentExaminer } from './examination/document-examiner.ts';
export { start } from './service.ts';
