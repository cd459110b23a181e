import { streamPrefix } from '@azureml-ts/monitoring/format';
import type { StreamSelection } from '../../files/stream-selection.ts';
import {
  MANIFEST_NAME,
  type ManifestHead,
  manifestHead,
  readManifest,
  streamJson,
  writeManifest,
} from '../manifest.ts';
import type { TargetFiles } from '../target-files.ts';
import type { ManifestDay } from './compact-options.ts';
import type { DayFiles } from './day-files.ts';

const FORMAT = 'azureml-ts-closed-days';
/** A manifest that grows is written at most this often. */
const SAVE_MS = 10_000;

interface ClosedDaysManifest extends ManifestHead {
  readonly format: typeof FORMAT;
  readonly stream: unknown;
  readonly days: readonly ManifestDay[];
}

interface VersionDays {
  readonly days: Map<string, ManifestDay>;
  isSaved: boolean;
}

/** What was written before, and is written now: a manifest for each version, beside its years. */
export class DayManifests {
  readonly #target: TargetFiles;
  readonly #selection: StreamSelection;
  readonly #versions = new Map<string, VersionDays>();
  #savedAt = Date.now();

  /**
   * @param target Where they are.
   * @param selection What the rows are called.
   */
  constructor(target: TargetFiles, selection: StreamSelection) {
    this.#target = target;
    this.#selection = selection;
  }

  /** What an earlier run wrote of a day. */
  async find({ day, modelVersion }: DayFiles, abortSignal: AbortSignal | undefined): Promise<ManifestDay | undefined> {
    let version = this.#versions.get(modelVersion);
    if (version === undefined) {
      const path = this.#pathOf(modelVersion);
      const manifest = await readManifest<ClosedDaysManifest>(this.#target, path, FORMAT, abortSignal);
      version = { days: new Map(manifest?.days.map((one) => [one.day, one])), isSaved: true };
      this.#versions.set(modelVersion, version);
    }
    return version.days.get(day);
  }

  /** Notes what was written of a day that {@link find} was asked for. */
  async put(day: ManifestDay): Promise<void> {
    const version = this.#versions.get(day.modelVersion);
    if (version !== undefined) {
      version.days.set(day.day, day);
      version.isSaved = false;
    }
    if (Date.now() - this.#savedAt > SAVE_MS) {
      await this.save();
    }
  }

  /** Writes what is not written yet. */
  async save(): Promise<void> {
    for (const [modelVersion, version] of this.#versions) {
      if (!version.isSaved) {
        const days = [...version.days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
        const stream = streamJson({ ...this.#selection, modelVersion });
        await writeManifest(this.#target, this.#pathOf(modelVersion), {
          ...manifestHead(FORMAT, Date.now()),
          stream,
          days,
        } as ClosedDaysManifest);
        version.isSaved = true;
      }
    }
    this.#savedAt = Date.now();
  }

  #pathOf(modelVersion: string): string {
    return streamPrefix({ ...this.#selection, modelVersion }) + MANIFEST_NAME;
  }
}
