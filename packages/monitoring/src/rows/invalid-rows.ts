/** Rows that cannot be taken as they are; the collector counts and reports them. */
export class InvalidRows extends Error {
  /** How many rows the caller meant; `undefined` where the place that found the fault cannot know. */
  readonly rowCount: number | undefined;

  /**
   * @param rowCount How many rows the caller meant.
   * @param reason Why not, as part of a sentence.
   */
  constructor(rowCount: number | undefined, reason: string) {
    super(reason);
    this.name = 'InvalidRows';
    this.rowCount = rowCount;
  }
}
