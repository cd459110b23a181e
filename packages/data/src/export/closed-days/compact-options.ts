import { ValidationError } from '@azureml-ts/common';
import type { UtcDay } from '@azureml-ts/monitoring/format';
import type { ManifestSource } from '../manifest.ts';

/**
 * Options of {@link CollectedData.compactDays}.
 *
 * A day is closed when it is over (UTC), and each of its writers has closed or has not been heard of for an hour. A day that
 * is there and unchanged is left alone; one that changes meanwhile is written again.
 */
export interface CompactOptions {
  /**
   * Whether the append blobs themselves are exchanged for block blobs, in place of writing to a target. Default `false`.
   *
   * Each day is written beside its place, read back and compared by SHA-256 first. Then the append blobs are leased, so
   * that nobody appends, checked to be unchanged, and exchanged; a writer that comes later goes on in the next file of the
   * day. For a moment readers find the day without these rows. A run that was cut off there is completed by the next one,
   * from the copy beside: run it again before anything else.
   */
  readonly inPlace?: boolean | undefined;
  /** Whether days are written again that are there and unchanged. Default `false`. */
  readonly overwrite?: boolean | undefined;
  /** Ends the work: it rejects with the signal's reason. Days that are done stay done. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Told after each day. */
  readonly onProgress?: ((progress: CompactProgress) => void) | undefined;
}

/** How far the rewriting of days has come. */
export interface CompactProgress {
  /** The day that is done. */
  readonly day: CompactedDay;
  /** Days that are done. */
  readonly daysDone: number;
  /** All days. */
  readonly days: number;
}

/** A file that was written. */
export interface CompactedFile {
  /** Path below the target, or in the container. */
  readonly path: string;
  /** Size in bytes. */
  readonly bytes: number;
  /** SHA-256 of the file, lower-case hexadecimal. */
  readonly sha256: string;
  /** The files whose rows it holds, in this order; its header is theirs. */
  readonly sources: readonly string[];
}

/** What became of one day of one version. */
export interface CompactedDay {
  /** UTC day. */
  readonly day: UtcDay;
  /** Version of the model. */
  readonly modelVersion: string;
  /**
   * `written`: it is there as block blobs now. `kept`: it was before, and nothing has changed. `open`: rows may still come,
   * so it was left alone. `changed`: rows came while it was written, each time it was tried; what was written is whole, and
   * the next run writes it again (in place: nothing was exchanged).
   */
  readonly outcome: 'written' | 'kept' | 'open' | 'changed';
  /** Why a day is open. */
  readonly reason?: string | undefined;
  /** The files; none of a day that is open. */
  readonly files: readonly CompactedFile[];
  /** Files that end within a record: their last bytes are no row. They were copied as they are. */
  readonly torn: readonly string[];
}

/** What became of all days; see {@link CollectedData.compactDays}. */
export interface CompactResult {
  /** Where the block blobs are, without secrets. */
  readonly place: string;
  /** The days, in order. */
  readonly days: readonly CompactedDay[];
}

/** What a manifest says of a day. */
export interface ManifestDay {
  readonly day: UtcDay;
  readonly modelVersion: string;
  /** The files of rows and the ledger that it was made of. */
  readonly sources: readonly ManifestSource[];
  readonly files: readonly CompactedFile[];
  readonly torn: readonly string[];
}

/**
 * Checks the options.
 *
 * @throws ValidationError (`VALIDATION`).
 */
export function checkCompactOptions(target: unknown, { inPlace = false, overwrite = false }: CompactOptions): void {
  for (const [path, value] of Object.entries({ inPlace, overwrite })) {
    if (typeof value !== 'boolean') {
      throw new ValidationError({ path, expected: 'true or false', received: value });
    }
  }
  if ((target === undefined) !== inPlace) {
    throw new ValidationError({
      path: 'target',
      expected: inPlace ? 'left out with inPlace' : 'given, or inPlace: true',
      message: inPlace
        ? 'Give either a target or inPlace: true, not both.'
        : 'Where to? Give a target: another container, prefix or folder. To exchange the blobs themselves, pass undefined and inPlace: true.',
    });
  }
}
