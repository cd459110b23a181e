import { InvalidArgumentError } from 'commander';

/** A whole number of 1 or more. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) {
    throw new InvalidArgumentError('Give a number of 1 or more.');
  }
  return Number(text);
}

/** A time in seconds, as milliseconds. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(text) || seconds === 0) {
    throw new InvalidArgumentError('Give a time in seconds, for example 600.');
  }
  return Math.round(seconds * 1000);
}

/** A UTC day. */
export function parseDay(text: string): string {
  const time = new Date(`${text}T00:00:00Z`);
  // The way back finds days that do not exist, which Date moves into the next month.
  if (Number.isNaN(time.getTime()) || time.toISOString().slice(0, 10) !== text) {
    throw new InvalidArgumentError('Give a UTC day such as 2026-11-01.');
  }
  return text;
}

/** Gathers an option that may be given several times. */
export function collect(text: string, gathered: readonly string[] | undefined): readonly string[] {
  return [...(gathered ?? []), text];
}
