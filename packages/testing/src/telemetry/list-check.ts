import { isRecord, type JsonRecord } from './json-record.ts';

const MAX_EXCEPTION_TEXT = 32_768;
const MAX_NAME = 1024;

/** Checks `exceptions` of ExceptionData, down to each stack frame. @internal */
export function checkExceptions(baseData: JsonRecord): string | undefined {
  for (const [index, entry] of (baseData.exceptions as unknown[]).entries()) {
    const at = `baseData.exceptions[${index}]`;
    if (!isRecord(entry)) {
      return `${at} must be an object`;
    }
    const { message, typeName, stack, parsedStack } = entry;
    if (typeof message !== 'string' || message.length > MAX_EXCEPTION_TEXT) {
      return `${at}.message must be a text of at most ${MAX_EXCEPTION_TEXT} characters`;
    }
    if (typeName !== undefined && (typeof typeName !== 'string' || typeName.length > MAX_NAME)) {
      return `${at}.typeName must be a text of at most ${MAX_NAME} characters`;
    }
    if (stack !== undefined && (typeof stack !== 'string' || stack.length > MAX_EXCEPTION_TEXT)) {
      return `${at}.stack must be a text of at most ${MAX_EXCEPTION_TEXT} characters`;
    }
    const framesAreValid =
      parsedStack === undefined ||
      (Array.isArray(parsedStack) &&
        parsedStack.every(
          (frame) => isRecord(frame) && Number.isInteger(frame.level) && typeof frame.method === 'string',
        ));
    if (!framesAreValid) {
      return `${at}.parsedStack must be a list of frames with level and method`;
    }
  }
  return undefined;
}

/** Checks `metrics` of MetricData: the service takes exactly one. @internal */
export function checkMetrics(baseData: JsonRecord): string | undefined {
  const metrics = baseData.metrics as unknown[];
  const metric = metrics[0];
  if (metrics.length !== 1 || !isRecord(metric)) {
    return 'baseData.metrics must hold exactly one metric';
  }
  const nameIsValid = typeof metric.name === 'string' && metric.name.length <= MAX_NAME;
  return nameIsValid && typeof metric.value === 'number'
    ? undefined
    : 'baseData.metrics[0] must have a name and a number as value';
}
