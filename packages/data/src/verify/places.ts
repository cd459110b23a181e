import type { FindingPlace } from './finding.ts';

const MAX_PLACES = 20;

/** Counts what is met at places of a file, and keeps the first of them. */
export class Places {
  readonly first: FindingPlace[] = [];
  count = 0;

  /** Adds a place. */
  add(record: number, byteOffset: number, call?: string): void {
    this.count += 1;
    if (this.first.length < MAX_PLACES) {
      this.first.push(call === undefined ? { record, byteOffset } : { record, byteOffset, call });
    }
  }

  /** The first place in words. */
  get text(): string {
    const [first] = this.first;
    return first === undefined ? '' : `record ${first.record} (byte ${first.byteOffset})`;
  }
}
