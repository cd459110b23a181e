import type { StreamIdentity } from '@azureml-ts/monitoring/format';
import type { ManifestHead, ManifestSource } from '../export/manifest.ts';
import type { FileLayout } from '../files/stream-selection.ts';
import type { ExportTarget, WrittenFile } from '../store/file-sink.ts';

/** Options of {@link CollectedData.convert}. */
export interface ConvertOptions {
  /** Layout of the new files. Only `documented` can be written. */
  readonly to: 'documented';
  /**
   * Where to write: a folder, as the `directory` of a storage, or a container without prefix. Another place than that of
   * the rows, without rows of this stream.
   */
  readonly target: ExportTarget;
  /**
   * Names of the new stream that differ from those of the rows. JSON Lines name no workspace: give `workspace`, here or
   * to {@link CollectedData.open}.
   */
  readonly stream?: Partial<StreamIdentity> | undefined;
  /** First UTC day of the scoring, `yyyy-mm-dd` or a date. Default: the first that was opened. */
  readonly from?: string | Date | undefined;
  /** Last UTC day of the scoring, inclusive, `yyyy-mm-dd` or a date. Default: the last that was opened. */
  readonly until?: string | Date | undefined;
  /** Is told of each file that was read to its end. */
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
  /** Cells that are read as another value when nobody declares a type: a text `5` as the number, -0 as 0. */
  readonly otherValues: number;
  /** Texts with half of a surrogate pair, which became U+FFFD. */
  readonly brokenTexts: number;
}

/** What `_conversion.json` holds. */
export interface ConversionManifest extends ManifestHead {
  /** Always `azureml-ts-conversion`. */
  readonly format: 'azureml-ts-conversion';
  /** Layouts of the files that were read, and of those that were written. */
  readonly layout: { readonly from: readonly FileLayout[]; readonly to: 'documented' };
  /** Where the rows were, without secrets. */
  readonly source: string;
  /** The names of the new stream. */
  readonly stream: StreamIdentity;
  /** Files that were read, as they were listed. */
  readonly sources: readonly (ManifestSource & { readonly rows: number })[];
  /** Number of rows. */
  readonly rows: number;
  /** SHA-256 over names and cell texts of all rows in order: equal for what was written and what was read back. */
  readonly rowsSha256: string;
  /** Columns in the order in which they first appear, with the types of their cells and the number of `null`. */
  readonly columns: readonly { readonly name: string; readonly types: readonly string[]; readonly nulls: number }[];
  /** Columns that the new layout does not have: what they hold of Python's stands in the path. */
  readonly droppedColumns: readonly string[];
  /** Losses by column; columns without are left out. */
  readonly losses: readonly ConversionLoss[];
  /** The new files. */
  readonly files: readonly (Omit<WrittenFile, 'url'> & { readonly rows: number })[];
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
