/** The answer to a request that was sent over an {@link HttpConnection}. */
export interface HttpAnswer {
  /** From 200 to 999. */
  readonly status: number;
  /** The header `Retry-After`, as it came. */
  readonly retryAfter: string | undefined;
  /** The header `Location`, as it came. */
  readonly location: string | undefined;
  /** The body as UTF-8: its first megabyte. */
  readonly text: string;
}
