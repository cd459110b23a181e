import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createLogger, errorMessage } from '@azureml-ts/common';
import type { WebserviceState } from '../webservice/state.ts';
import type { WorkspaceIdentity } from '../workspace/arm-id.ts';

const log = createLogger('core');

/** What a service tells other processes of itself, as it stands in `service.json` of its folder. No secrets. */
export interface ServiceRecord extends WorkspaceIdentity {
  readonly name: string;
  readonly state: WebserviceState;
  readonly port: number | null;
  readonly collectModelData: boolean;
  readonly enableAppInsights: boolean;
  readonly models: readonly string[];
}

/**
 * Reads what a service tells of itself.
 *
 * @param file The `service.json`.
 * @returns `undefined` when there is none, or none that can be read.
 */
export async function readRecord(file: string): Promise<ServiceRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(file, 'utf8'));
    const texts = ['name', 'state', 'subscriptionId', 'resourceGroup', 'workspaceName'];
    const isWhole = texts.every((field) => typeof record[field] === 'string') && Array.isArray(record.models);
    return isWhole ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the record of a service, one write after the other; of those asked for meanwhile only the last. */
export class RecordWriter {
  readonly #file: string;
  #next: ServiceRecord | undefined;
  #writing: Promise<void> | undefined;
  #hasFailed = false;
  #isClosed = false;

  /** @param file The `service.json`. */
  constructor(file: string) {
    this.#file = file;
  }

  /** Asks for a write. Never throws: a service runs without its record too. */
  write(record: ServiceRecord): void {
    if (!this.#isClosed) {
      this.#next = record;
      this.#writing ??= this.#writeAll();
    }
  }

  /** Resolves when nothing is written any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#next = undefined;
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (let record = this.#next; record !== undefined; record = this.#next) {
      this.#next = undefined;
      const temporary = `${this.#file}.${randomUUID()}`;
      try {
        await writeFile(temporary, `${JSON.stringify(record)}\n`, { mode: 0o600 });
        // Replaced whole, so that no reader sees half of it.
        await rename(temporary, this.#file);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        if (!this.#hasFailed) {
          this.#hasFailed = true;
          log.warning(`Other processes may not find a local service: ${this.#file} (${errorMessage(error)})`);
        }
      }
    }
    this.#writing = undefined;
  }
}
