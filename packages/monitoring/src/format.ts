/**
 * Paths, columns and text of collected rows, for readers and tools. Collecting itself is in `@azureml-ts/monitoring`.
 *
 * @packageDocumentation
 */
export { isSampled } from './collector/sampling.ts';
export {
  checkSegment,
  type DataFileName,
  type DataFilePath,
  dataFileName,
  dataFilePath,
  dayPrefix,
  parseDataFilePath,
  type StreamIdentity,
  streamPrefix,
  type UtcDay,
  utcDay,
  type WorkspaceIdentity,
} from './format/blob-path.ts';
export { CORRELATION_COLUMNS, MODEL_DATA_CONTAINER } from './format/columns.ts';
export { type Cell, encodeCell, encodeRow } from './format/csv-encode.ts';
export { CsvScanner } from './format/csv-scanner.ts';
export { encodeRows } from './format/encode-rows.ts';
export { encodeLedgerEntry, LEDGER_FILE_NAME, type LedgerEntry, type LedgerGap, ledgerPath } from './format/ledger.ts';
export {
  PYTHON_TELEMETRY_FILE_NAME,
  type PythonFilePath,
  parsePythonFilePath,
  pythonStreamPrefix,
} from './format/python-path.ts';
export { PYTHON_COLUMNS } from './python/python-columns.ts';
export { openContainer } from './storage/open-container.ts';
export { describeStorage, parseStorageTarget, type StorageTarget } from './storage/storage-target.ts';
export { numberText } from './v2/frame/float-text.ts';
export { valueText } from './v2/frame/json-text.ts';
export { type RecordHour, recordDataPath, recordFilePath } from './v2/json-lines/json-lines-files.ts';
export { deploymentSource } from './v2/json-lines/json-lines-layout.ts';
export { type LargeData, type SlimLines, withoutLargeData } from './v2/json-lines/large-records.ts';
export { RecordLines, type RecordLinesOptions, type RecordParts } from './v2/json-lines/record-lines.ts';
