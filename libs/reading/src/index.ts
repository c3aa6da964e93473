export { isReaderUnavailable } from './document/reader-unavailable.ts';
export { understood } from './document/understood.ts';
export { inspect, type Inspection, type InspectOptions } from './inspection/inspect.ts';
export { decodeZone, isSound, type MachineReadableZone } from './mrz/machine-readable-zone.ts';
export {
  DocumentReader,
  type DocumentSource,
  type PageRaster,
} from './document/document-reader.ts';
export { type Line, linesOf } from './document/lines.ts';
export { openReader, type OpenReader, type OpenReaderOptions } from './document/open-reader.ts';
export {
  forgetReading,
  readDocument,
  type ReadDocument,
  type Reader,
} from './document/read-document.ts';
export { PageReading, readerVersion, Reading, Word } from './document/reading.ts';
export { classify, type Classified } from './anchors/classify.ts';
export { type ExtractedRow, findRows } from './fields/find-rows.ts';
export { findFields, findPrinted } from './fields/find-fields.ts';
export { zoneSpelling } from './fields/passport-fields.ts';
export { plainText } from './values/normalised.ts';
export { findAmounts, type FoundAmount } from './values/amount.ts';
export { findDates, type FoundDate } from './values/date.ts';
export { isIban } from './values/iban.ts';
export { isNumberWord, spanishNumber } from './values/spanish-number.ts';
export { RecognizerBroken } from './ocr/recognizer-error.ts';
export { headLength, mediaTypeOf } from './inspection/media-type.ts';
