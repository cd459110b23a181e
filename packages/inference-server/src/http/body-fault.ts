const FAULTS = {
  late: 'The request did not arrive in time.',
  truncated: 'The request ended before it was whole.',
  malformed: 'The body of the request is not valid HTTP.',
} as const;

/** Why the rest of a body will never come. */
export class BodyFault extends Error {
  override readonly name = 'BodyFault';
  readonly kind: keyof typeof FAULTS;

  /** @param kind Its time is over, it has ended too early, or it is not HTTP. */
  constructor(kind: BodyFault['kind']) {
    super(FAULTS[kind]);
    this.kind = kind;
  }
}
