const PATTERN = /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;

/** Writes milliseconds as an ISO 8601 duration in seconds, for example `PT0.5S`. */
export function isoDuration(milliseconds: number): string {
  return `PT${milliseconds / 1000}S`;
}

/** Reads an ISO 8601 duration of days to seconds as milliseconds; `undefined` when it is none. */
export function durationMs(text: unknown): number | undefined {
  const match = typeof text === 'string' ? PATTERN.exec(text.trim()) : null;
  if (match === null || match.slice(1).every((part) => part === undefined)) {
    return undefined;
  }
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
}
