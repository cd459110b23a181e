import { createHash } from 'node:crypto';
import type { JsonValue } from '@azureml-ts/common';
import type { RowLayout } from '../engine/row-layout.ts';
import { CsvScanner } from '../format/csv-scanner.ts';
import type { EncodedLines } from '../format/encode-rows.ts';
import type { FileLayout } from '../format/file-layout.ts';
import { PYTHON_COLUMNS } from './python-columns.ts';
import { DEFAULT_COLLECTION, pythonFiles } from './python-files.ts';
import { encodePythonRows, type PythonRows, pythonHeader } from './python-lines.ts';

/** A first line longer than this is taken for one that does not fit: the rows then go to a file of their own. */
const UNNAMED_PROBE_BYTES = 65_536;

/** What tells one {@link PythonLayout} from another. */
export interface PythonLayoutOptions {
  /** Names of the features, or only their number. */
  readonly features: readonly string[] | number;
  /** Whether the eight columns of the call follow. */
  readonly hasCall: boolean;
  /** Name of the collection: that of the file for designations without a name of their own. */
  readonly collectionName: string;
}

/** Rows as the Python package azureml-monitoring writes them. */
export class PythonLayout implements RowLayout {
  /** See {@link RowLayout.files}. */
  readonly files: FileLayout;
  /** See {@link RowLayout.names}. */
  readonly names: readonly string[] | undefined;
  /** See {@link RowLayout.width}. */
  readonly width: number;
  /** See {@link RowLayout.header}. */
  readonly header: Buffer;
  /** See {@link RowLayout.hash}. */
  readonly hash: string;
  readonly #options: PythonLayoutOptions;
  readonly #cells: number;

  /** @param options What it is made of. */
  constructor(options: PythonLayoutOptions) {
    const { features, hasCall, collectionName } = options;
    this.#options = options;
    this.files = pythonFiles(collectionName);
    this.names = typeof features === 'number' ? undefined : [...features];
    this.width = typeof features === 'number' ? features : features.length;
    const own = hasCall ? PYTHON_COLUMNS : [];
    this.#cells = this.width + own.length;
    this.header = this.names === undefined ? Buffer.alloc(0) : pythonHeader([...this.names, ...own]);
    const hash = createHash('sha256').update(this.names === undefined ? `${this.#cells} unnamed columns` : this.header);
    // One process may recover rows of several collections of one day.
    this.hash = (collectionName === DEFAULT_COLLECTION ? hash : hash.update(`\0${collectionName}`))
      .digest('hex')
      .slice(0, 8);
  }

  /** See {@link RowLayout.probeBytes}. */
  get probeBytes(): number {
    return this.names === undefined ? UNNAMED_PROBE_BYTES : this.header.length;
  }

  /** See {@link RowLayout.fitsStart}. */
  fitsStart(start: Uint8Array): boolean {
    if (this.names !== undefined) {
      return this.header.equals(start);
    }
    // Also below names: the Python package writes rows that have none wherever they come to be.
    return new CsvScanner().push(start)[0]?.length === this.#cells;
  }

  /** See {@link RowLayout.encode}. */
  encode(calls: readonly PythonRows[]): EncodedLines {
    return encodePythonRows(calls);
  }

  /** See {@link RowLayout.toRecord}. */
  toRecord(): { readonly [field: string]: JsonValue } {
    const { hasCall, collectionName } = this.#options;
    const columns = this.names === undefined ? { width: this.width } : { names: [...this.names] };
    return { layout: this.files.name, collectionName, hasCall, ...columns };
  }
}

/** Makes a layout again from what {@link PythonLayout.toRecord} gave. */
export function readPythonLayout(record: Readonly<Record<string, unknown>>): PythonLayout | undefined {
  const { names, width, hasCall, collectionName } = record;
  const features = Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : width;
  return (Array.isArray(features) || typeof features === 'number') && typeof collectionName === 'string'
    ? new PythonLayout({ features, hasCall: hasCall === true, collectionName })
    : undefined;
}
