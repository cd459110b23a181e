import { ValidationError } from '@azureml-ts/common';
import {
  exceptionsQuery,
  inputsAndOutputsQuery,
  kqlText,
  requestRateQuery,
  responseTimeQuery,
  traceCountQuery,
  tracesQuery,
} from '../../src/index.ts';

/** What JavaScript may pass. */
const any = (value: unknown) => value as never;

describe('options of the wrong type', () => {
  it.each([
    ['contains', () => tracesQuery({ contains: any(5) })],
    ['requestId', () => tracesQuery({ requestId: any({}) })],
    ['serviceName', () => tracesQuery({ serviceName: any(null) })],
    ['serviceName', () => requestRateQuery({ serviceName: any(1) })],
    ['contains', () => traceCountQuery({ contains: any([]) })],
    ['requestId', () => exceptionsQuery({ requestId: any(null) })],
    ['requestId', () => inputsAndOutputsQuery({ requestId: any(7) })],
    ['since', () => tracesQuery({ since: any(5) })],
    ['severity', () => tracesQuery({ severity: any(5) })],
    ['target', () => tracesQuery({ target: any(5) })],
    ['by', () => requestRateQuery({ by: any('name') })],
    ['by', () => requestRateQuery({ by: any(null) })],
    ['by', () => requestRateQuery({ by: any([5]) })],
    ['bin', () => requestRateQuery({ bin: any(5) })],
    ['percentiles', () => responseTimeQuery({ percentiles: any(95) })],
    ['percentiles', () => responseTimeQuery({ percentiles: any(['95; drop']) })],
    ['text', () => kqlText(any(5))],
  ])('are told: %s (%#)', (path, query) => {
    let thrown: unknown;
    try {
      query();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ValidationError);
    expect((thrown as ValidationError).message).toContain(path);
  });
});
