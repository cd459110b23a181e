import { AzuremlError } from '@azureml-ts/common';
import type { ColumnBatch } from '../rows/column-batch.ts';
import { readBatches } from '../rows/read-batches.ts';
import type { TypeChange } from '../rows/type-change.ts';
import { BatchCursor } from './batch-cursor.ts';
import type { ColumnSchema } from './column-schema.ts';
import {
  batchesOptions,
  type ExportedPartition,
  type ExportManifest,
  type ExportProgress,
  type ExportResult,
} from './export-options.ts';
import type { ExportPlan } from './export-rows.ts';
import { isSameSchema } from './export-schema.ts';
import { MANIFEST_NAME, manifestHead, streamJson, writeManifest } from './manifest.ts';
import { isKnown, type Partition, partitionFile } from './partitions.ts';
import { countBadRecords, writePartition } from './write-partition.ts';

/** A manifest that grows is written at most this often. */
const SAVE_MS = 10_000;

/** Writes the partitions of a plan, as often as the columns turn out to need wider types. */
export class ExportRun {
  readonly #plan: ExportPlan;
  readonly #now: () => number;
  readonly #widened = new Map<string, ColumnSchema>();
  /** Partitions that are there, by path: of earlier runs, and of this pass. */
  #there = new Map<string, ExportedPartition>();
  #isSaved = true;
  #savedAt = 0;
  #bytes = 0;
  #bytesRead = 0;
  #rows = 0;
  #done = 0;

  /**
   * @param plan What to write.
   * @param now Time.
   */
  constructor(plan: ExportPlan, now: () => number) {
    this.#plan = plan;
    this.#now = now;
  }

  /** Makes a column wider, so that the next pass writes everything with that. */
  widen({ column, to }: TypeChange): void {
    this.#plan.schema.widen(column, to);
    this.#widened.set(column, { name: column, type: to });
    this.#tell('restarted', `${column}: ${to}`);
  }

  /**
   * Writes every partition that is not there with these columns.
   *
   * @throws TypeChangeError when a column needs a wider type.
   */
  async pass(): Promise<ExportResult> {
    const { partitions, options, target } = this.#plan;
    const stale = await this.#begin();
    const kept = partitions.filter(({ path }) => this.#there.has(path));
    const left = partitions.filter(({ path }) => !this.#there.has(path));
    this.#bytes = left.flatMap(({ files }) => files).reduce((sum, { size }) => sum + size, 0);
    this.#bytesRead = 0;
    this.#rows = 0;
    this.#done = 0;
    for (const { path } of kept) {
      this.#done += 1;
      this.#tell('kept', path);
    }
    try {
      if (left.length > 0) {
        // A manifest never speaks of a file that is being replaced.
        await this.#save(false);
        await this.#write(left);
      }
      for (const path of stale) {
        await target.sink.remove(path, options.abortSignal);
      }
    } catch (error) {
      if (!this.#isSaved) {
        // What is written need not be written again.
        await this.#save(false).catch(() => undefined);
      }
      throw error;
    }
    const manifest =
      left.length > 0 || this.#plan.before?.isComplete !== true ? await this.#save(true) : this.#plan.before;
    return {
      place: target.sink.place,
      written: left.length,
      kept: kept.length,
      widened: [...this.#widened.values()],
      manifest,
    };
  }

  /** Finds what is there and stays; gives the files of earlier runs whose rows will stand in others. */
  async #begin(): Promise<string[]> {
    const { before, obsolete, partitions, options, schema, settings } = this.#plan;
    const now = new Map(partitions.map((partition) => [partition.path, partition]));
    const isFit = before !== undefined && isSameSchema(before.schema, schema.columns);
    this.#there = new Map();
    const stale = [...obsolete];
    for (const known of before?.partitions ?? []) {
      const partition = now.get(known.path);
      const isThere =
        partition === undefined ||
        (isFit && options.overwrite !== true && isKnown(partition, before) && (await this.#isWhole(known)));
      if (isThere) {
        this.#there.set(known.path, known);
      } else {
        stale.push(...known.files.map(({ path }) => path));
      }
      options.abortSignal?.throwIfAborted();
    }
    const written = new Set(partitions.map(({ path }) => partitionFile(path, settings.format)));
    return stale.filter((path) => !written.has(path));
  }

  async #isWhole({ files }: ExportedPartition): Promise<boolean> {
    const { target, options } = this.#plan;
    for (const { path, bytes } of files) {
      if ((await target.size(path, options.abortSignal)) !== bytes) {
        return false;
      }
    }
    return true;
  }

  async #write(partitions: readonly Partition[]): Promise<void> {
    const { source, options, schema } = this.#plan;
    const bad = new Map<string, number>();
    const batches = readBatches(
      source.store,
      partitions.flatMap(({ files }) => files),
      {
        ...batchesOptions(options),
        types: schema.declared,
        onBadRecord: countBadRecords(options.onBadRecord, bad),
        onProgress: ({ bytesRead, bytes }) => {
          this.#bytesRead = bytesRead;
          this.#bytes = bytes;
          this.#tell('reading', '');
        },
      },
      schema.features,
    );
    const partitionOf = new Map(
      partitions.flatMap(({ path, files }) => files.map((file) => [file.path, path] as const)),
    );
    const cursor = new BatchCursor<ColumnBatch>(batches, ({ file }) => partitionOf.get(file.path) ?? '');
    try {
      for (const partition of partitions) {
        options.abortSignal?.throwIfAborted();
        const written = await writePartition(this.#plan, partition, cursor.of(partition.path), bad);
        this.#there.set(partition.path, written);
        this.#rows += written.files.reduce((sum, { rows }) => sum + (rows ?? 0), 0);
        this.#isSaved = false;
        this.#done += 1;
        this.#tell('written', partition.path);
        if (this.#now() - this.#savedAt > SAVE_MS) {
          await this.#save(false);
        }
      }
    } finally {
      await cursor.close();
    }
    if (!cursor.isAtEnd) {
      throw new AzuremlError('EXPORT_INCOMPLETE', 'Rows were left over that belong to no partition. Export again.');
    }
  }

  async #save(isComplete: boolean): Promise<ExportManifest> {
    const { source, target, settings, schema, options } = this.#plan;
    const partitions = [...this.#there.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    const manifest: ExportManifest = {
      ...manifestHead('azureml-ts-export', this.#now()),
      isComplete,
      place: source.store.place,
      stream: streamJson(source.selection),
      settings,
      schema: schema.columns,
      rows: partitions.flatMap(({ files }) => files).reduce((sum, { rows }) => sum + (rows ?? 0), 0),
      partitions,
    };
    await writeManifest(target, MANIFEST_NAME, manifest, isComplete ? options.abortSignal : undefined);
    this.#isSaved = true;
    this.#savedAt = this.#now();
    return manifest;
  }

  #tell(event: ExportProgress['event'], about: string): void {
    this.#plan.options.onProgress?.({
      event,
      about,
      partitions: this.#plan.partitions.length,
      partitionsDone: this.#done,
      bytes: this.#bytes,
      bytesRead: this.#bytesRead,
      rows: this.#rows,
    });
  }
}
