import { sameText } from './placeholders.ts';

/** One place where two JSON values differ. */
export interface JsonDifference {
  /** Names and indexes from the root. */
  readonly path: readonly string[];
  /** `undefined` where there is nothing. */
  readonly recorded: unknown;
  readonly ours: unknown;
}

/**
 * Compares JSON values. The order of keys is free. Steps of a JSON Patch are matched by their own path, so that one step
 * more or less is one difference; a changed order is one at `order`.
 */
export function jsonDifferences(recorded: unknown, ours: unknown, path: readonly string[] = []): JsonDifference[] {
  if (isPatch(recorded) && isPatch(ours)) {
    return patchDifferences(recorded, ours, path);
  }
  if (Array.isArray(recorded) && Array.isArray(ours)) {
    return Array.from({ length: Math.max(recorded.length, ours.length) }, (_, index) => index).flatMap((index) =>
      jsonDifferences(recorded[index], ours[index], [...path, String(index)]),
    );
  }
  if (isObject(recorded) && isObject(ours)) {
    return [...new Set([...Object.keys(recorded), ...Object.keys(ours)])].flatMap((name) =>
      jsonDifferences(recorded[name], ours[name], [...path, name]),
    );
  }
  return isSame(recorded, ours) ? [] : [{ path, recorded, ours }];
}

/** Whether two JSON values are the same. */
export function isSameJson(recorded: unknown, ours: unknown): boolean {
  return jsonDifferences(recorded, ours).length === 0;
}

function isSame(recorded: unknown, ours: unknown): boolean {
  if (ours instanceof Date) {
    return timeOf(recorded) === ours.getTime();
  }
  if (typeof recorded === 'string' && typeof ours === 'string') {
    return sameText(recorded, ours);
  }
  return Object.is(recorded, ours);
}

/** A time as Python prints a datetime, its `repr` included, in milliseconds since 1970. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  const parts = /^datetime\.datetime\(([\d, ]+)/
    .exec(value)?.[1]
    ?.split(',')
    .filter((part) => part.trim() !== '');
  if (parts !== undefined) {
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, micros = 0] = parts.map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second, Math.floor(micros / 1000));
  }
  const time = Date.parse(value.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(time) ? undefined : time;
}

interface PatchStep {
  readonly op: string;
  readonly path: string;
}

function patchDifferences(
  recorded: readonly PatchStep[],
  ours: readonly PatchStep[],
  path: readonly string[],
): JsonDifference[] {
  const shared = recorded.filter((step) => ours.some((other) => other.path === step.path));
  const differences = [
    ...recorded
      .filter((step) => !shared.includes(step))
      .map((step) => ({ path: [...path, step.path], recorded: step, ours: undefined })),
    ...ours
      .filter((step) => !recorded.some((other) => other.path === step.path))
      .map((step) => ({ path: [...path, step.path], recorded: undefined, ours: step })),
    ...shared.flatMap((step) =>
      jsonDifferences(
        step,
        ours.find((other) => other.path === step.path),
        [...path, step.path],
      ),
    ),
  ];
  const order = [recorded, ours].map((steps) =>
    steps.map((step) => step.path).filter((name) => shared.some((step) => step.path === name)),
  );
  return String(order[0]) === String(order[1])
    ? differences
    : [...differences, { path: [...path, 'order'], recorded: order[0], ours: order[1] }];
}

function isPatch(value: unknown): value is readonly PatchStep[] {
  return (
    Array.isArray(value) &&
    value.every((step) => isObject(step) && typeof step['op'] === 'string' && typeof step['path'] === 'string')
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
