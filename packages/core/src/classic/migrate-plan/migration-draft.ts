import type { JsonValue } from '@azureml-ts/common';

/** One key of the deployment file, with what is said about it. */
export interface MigrationEntry {
  /** Key of the deployment file, for example `instance_count`. */
  readonly key: string;
  /** Its value. */
  readonly value: JsonValue;
  /** What is said about it, a line each. */
  readonly comments: readonly string[];
  /** Whether it stands in the file as a comment only, to be switched on by whoever wants it. */
  readonly isOff: boolean;
}

/** What becomes of one setting of the classic service. */
export interface MigrationNote {
  /** Field of the classic service, for example `autoScaler`. */
  readonly field: string;
  /** `carried`: as it was. `changed`: in another form. `lost`: cannot carry over. `todo`: needs a decision or work. */
  readonly outcome: 'carried' | 'changed' | 'lost' | 'todo';
  /** What happens to it and why. */
  readonly message: string;
}

/** Gathers the file of one deployment and the notes about it. */
export class MigrationDraft {
  /** Keys of the file, in order. */
  readonly entries: MigrationEntry[] = [];
  /** Notes, in order. */
  readonly notes: MigrationNote[] = [];

  /** A setting that keeps its value. */
  carry(field: string, key: string, value: JsonValue): void {
    this.#put(key, value, []);
    this.notes.push({ field, outcome: 'carried', message: `is ${key}` });
  }

  /** A setting in another form, or a value that must be looked at. */
  change(field: string, key: string, value: JsonValue, message: string, outcome: 'changed' | 'todo' = 'changed'): void {
    this.#put(key, value, [outcome === 'todo' ? `TODO: ${message}` : message]);
    this.notes.push({ field, outcome, message });
  }

  /** A key that stands in the file as a comment. */
  offer(key: string, value: JsonValue, comments: readonly string[]): void {
    this.entries.push({ key, value, comments, isOff: true });
  }

  /** A setting that does not carry over, or is dealt with outside of the file. */
  note(field: string, outcome: MigrationNote['outcome'], message: string): void {
    this.notes.push({ field, outcome, message });
  }

  #put(key: string, value: JsonValue, comments: readonly string[]): void {
    this.entries.push({ key, value, comments, isOff: false });
  }
}
