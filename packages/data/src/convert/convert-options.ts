import type { StreamIdentity } from '@azureml-ts/monitoring/format';
import type { ManifestHead, ManifestSource } from '../export/manifest.ts';
import type { FileLayout } from '../files/stream-selection.ts';
import type { ReadingOptions, RowsOptions } from '../rows/rows-options.ts';
import type { ExportTarget } from '../store/file-sink.ts';

/** Options of {@link CollectedData.convert}. */
export interface ConvertOptions {
  /** Layout of the new files: `documented`, or `json-lines` as the `Collector` writes them. Another than that of the rows. */
  readonly to: 'documented' | 'json-lines';
  /**
   * Where to write: a folder, as the `directory` of a storage, or a container; of `json-lines` also a folder in one. It
   * has no rows of the new stream yet.
   */
  readonly target: ExportTarget;
  /**
   * Names of the new stream that differ from those of the rows. Of JSON Lines, `webserviceName` is the endpoint,
   * `modelName` the deployment and `designation` the collection. They name no workspace: give `workspace`, here or to
   * {@link CollectedData.open}, when they are read.
   */
  readonly stream?: Partial<StreamIdentity> | undefined;
  /**
   * What cells are taken for, as for {@link RowsOptions.types}. Default `infer`: in CSV `5` is a number, `true` a boolean
   * and an empty cell `null`. JSON Lines get what a cell is taken for; in CSV it is only the text that counts.
   */
  readonly types?: RowsOptions['types'];
  /** Whether the files that are read begin with the names of their columns; see {@link ReadingOptions.header}. */
  readonly header?: ReadingOptions['header'];
  /** First UTC day of the scoring, `yyyy-mm-dd` or a date. Default: the first that was opened. */
  readonly from?: string | Date | undefined;
  /** Last UTC day of the scoring, inclusive, `yyyy-mm-dd` or a date. Default: the last that was opened. */
  readonly until?: string | Date | undefined;
  /** Is told of each file that was read to its end, when its rows are written. */
  readonly onProgress?: ((progress: ConvertProgress) => void) | undefined;
  /** Ends the work: the call rejects with the signal's reason, and no `_conversion.json` is written. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** How far a conversion is. */
export interface ConvertProgress {
  /** Path of the file that was read. */
  readonly path: string;
  /** Files that were read. */
  readonly filesDone: number;
  /** Files to read. */
  readonly files: number;
  /** Rows that were written. */
  readonly rows: number;
}

/** What the new layout cannot tell of a column; numbers of cells. */
export interface ConversionLoss {
  /** Name of the column. */
  readonly column: string;
  /** Texts of no characters, which are read as `null` from now on. */
  readonly emptyTexts: number;
  /**
   * Cells that are read as another value when nobody declares a type. In CSV: a text `5` as the number. In JSON: `NaN` and
   * the infinities as `null`.
   */
  readonly otherValues: number;
  /** Texts with half of a surrogate pair, which became U+FFFD. */
  readonly brokenTexts: number;
}

/** A file that was read for a conversion. */
export interface ConversionSource extends ManifestSource {
  /** Bytes that were read. The file may have been shorter when it was listed, and be longer now. */
  readonly bytes: number;
  /** SHA-256 of the bytes that were read, lower-case hexadecimal. */
  readonly sha256: string;
  /** Rows in it. */
  readonly rows: number;
  /** Blobs whose rows its records name by `dataref`; left out where there are none. */
  readonly references?: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** A file that a conversion wrote. */
export interface ConversionFile {
  /** Path below the target, with slashes. */
  readonly path: string;
  /** Size in bytes. */
  readonly bytes: number;
  /** SHA-256 of the file, lower-case hexadecimal. */
  readonly sha256: string;
  /** Rows in it. Those of a record that is too large for its line stand, and count, in a file of their own. */
  readonly rows: number;
  /** Paths of the files that its rows were read from, in order. */
  readonly sources: readonly string[];
}

/** What `_conversion.json` holds. */
export interface ConversionManifest extends ManifestHead {
  /** Always `azureml-ts-conversion`. */
  readonly format: 'azureml-ts-conversion';
  /** Layouts of the files that were read, and of those that were written. */
  readonly layout: { readonly from: readonly FileLayout[]; readonly to: ConvertOptions['to'] };
  /** Where the rows were, without secrets. */
  readonly source: string;
  /** The names of the new stream. JSON Lines may have rows of several versions: all of them, with commas between. */
  readonly stream: StreamIdentity;
  /** Folder of the new stream below the target, or in its container; of JSON Lines what `path` of `open` takes. */
  readonly folder: string;
  /** What cells were taken for: {@link ConvertOptions.types}. */
  readonly types: NonNullable<ConvertOptions['types']>;
  /** Files that were read, in order. */
  readonly sources: readonly ConversionSource[];
  /** Number of rows. */
  readonly rows: number;
  /**
   * SHA-256 over names and cell texts of all rows in the order of the sources: equal for what was written and what was
   * read back.
   */
  readonly rowsSha256: string;
  /** Columns in the order in which they first appear, with the types of their cells and the number of `null`. */
  readonly columns: readonly { readonly name: string; readonly types: readonly string[]; readonly nulls: number }[];
  /** Columns that the new layout does not have: what they hold of Python's stands in the path. */
  readonly droppedColumns: readonly string[];
  /** Losses by column; columns without are left out. */
  readonly losses: readonly ConversionLoss[];
  /** The new files, in the order of their rows. */
  readonly files: readonly ConversionFile[];
}

/** What {@link CollectedData.convert} did. */
export interface ConvertResult {
  /** Where the files are, without secrets. */
  readonly place: string;
  /** Path of `_conversion.json` below the target. */
  readonly manifestPath: string;
  /** What it holds. */
  readonly manifest: ConversionManifest;
}
