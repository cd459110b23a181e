import type { MetricTelemetry } from '../types.ts';
import type { WriteData } from './item-draft.ts';
import { membersJson } from './json-bytes.ts';
import { nameCharacters } from './limits.ts';
import { cutText } from './shorten.ts';

/** What an item says of a metric; throws for numbers that JSON cannot hold. @internal */
export function metricData({ name, value, count, min, max }: MetricTelemetry): WriteData {
  const numbers = Object.entries({ value, count, min, max }).filter(([, number]) => number !== undefined);
  const unfit = numbers.find(([, number]) => !Number.isFinite(number));
  if (unfit !== undefined) {
    throw new TypeError(`${unfit[0]} of the metric must be a finite number`);
  }
  const kind = numbers.length === 1 ? 'Measurement' : 'Aggregation';
  return (out, limits) => {
    const metric = { name: cutText(String(name), nameCharacters(limits)), kind, ...Object.fromEntries(numbers) };
    out.json(membersJson({ metrics: [metric] }));
    return 0;
  };
}
