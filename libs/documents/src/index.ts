export {
  type ChildKind,
  type ContainedJob,
  Containment,
  type ContainmentOptions,
  type Log,
} from './containment/containment.ts';
export { type Job, JobError, type JobInput, type JobOutput } from './containment/job.ts';
export type { Image } from './image/decoder.ts';
export type { PdfDocument } from './pdf/pdf-document.ts';
export type { PdfObject, PdfPage, PdfWord, PixelRaster } from './pdf/pdf-page.ts';
export { sharedContainment } from './containment/shared-containment.ts';
export { DocumentError, type DocumentErrorCode } from './document-error.ts';
export { isReaderUnavailable } from './reader-unavailable.ts';
export { understood } from './reading/understood.ts';
export { inspect, type Inspection, type InspectOptions } from './inspection/inspect.ts';
export { documentLimits, type DocumentLimits, parseLimit } from './limits.ts';
export { decodeZone, isSound, type MachineReadableZone } from './mrz/machine-readable-zone.ts';
export { DocumentReader, type DocumentSource, type PageRaster } from './reading/document-reader.ts';
export { type Line, linesOf } from './reading/lines.ts';
export { openReader, type OpenReader, type OpenReaderOptions } from './reading/open-reader.ts';
export {
  forgetReading,
  readDocument,
  type ReadDocument,
  type Reader,
} from './reading/read-document.ts';
export { PageReading, readerVersion, Reading, Word } from './reading/reading.ts';
export { classify, type Classified } from './anchors/classify.ts';
export { type ExtractedRow, findRows } from './fields/find-rows.ts';
export { findFields, findPrinted } from './fields/find-fields.ts';
export { zoneSpelling } from './fields/passport-fields.ts';
export { plainText } from './values/normalised.ts';
export { findAmounts, type FoundAmount } from './values/amount.ts';
export { findDates, type FoundDate } from './values/date.ts';
export { isIban } from './values/iban.ts';
export { isNumberWord, spanishNumber } from './values/spanish-number.ts';
export { StageFailed, StageUnavailable } from './stage-run/stage-failure.ts';
export {
  type PublishOutcome,
  type StageContext,
  type StageLog,
  StageRuns,
  type StageRunsOptions,
  type StageWork,
  type StageWorkDone,
} from './stage-run/stage-runs.ts';
export { StageDocuments } from './stage-run/stage-documents.ts';
export { StageConfig, startStage, type StageParts } from './stage-run/start-stage.ts';
