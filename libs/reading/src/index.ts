export { isReaderUnavailable } from './document/reader-unavailable.ts';
export { inspect, type Inspection, type InspectOptions } from './inspection/inspect.ts';
export { decodeZone, isConsistent, type MachineReadableZone } from './mrz/machine-readable-zone.ts';
export { DocumentReader } from './document/document-reader.ts';
export { type DocumentSource, pageRaster, type PageRaster } from './document/page-raster.ts';
export { type Line, linesOf, unionOf } from './text/lines.ts';
export { openReader, type OpenReader, type OpenReaderOptions } from './document/open-reader.ts';
export {
  forgetReading,
  readDocument,
  readingsSettled,
  type ReadDocument,
  type Reader,
} from './store/read-document.ts';
export { PageReading, readerVersion, Reading, Word } from './text/reading.ts';
export type { DocumentTypeRules } from './document-types/document-type-rules.ts';
export { documentTypes, type KnownDocumentType, rulesOf } from './document-types/document-types.ts';
export { classify, type Classification } from './classification/classify.ts';
export { type ExtractedRow, findRows } from './fields/find-rows.ts';
export { findFields, findPrintedFields } from './fields/find-fields.ts';
export { zoneSpelling } from './fields/mrz-fields.ts';
export { plainText } from './text/plain-text.ts';
export { findAmounts, type FoundAmount } from './values/amount.ts';
export { findDates, type FoundDate } from './values/date.ts';
export { isIban } from './values/iban.ts';
export { isNumberWord, spanishNumber } from './values/spanish-number.ts';
export { RecognizerBroken } from './ocr/recognizer-error.ts';
export { isArchive, unpack, type UnpackedArchive } from './inspection/unpack.ts';
