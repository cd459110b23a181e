import { redactSecrets } from '@azureml-ts/common';
import type { TraceRecord } from '@azureml-ts/insights';
import { cellText, type Row } from '../../output/table.ts';

/** A trace as a row of a table: its text is what was printed. */
export function traceRow(trace: TraceRecord): Row {
  const { time, severity, serviceName, requestId } = trace;
  return {
    time,
    severity: severity ?? '',
    service: serviceName ?? '',
    requestId: requestId ?? '',
    text: redactSecrets(traceText(trace)),
  };
}

/** A trace as one line. */
export function traceLine(trace: TraceRecord): string {
  const { time, severity = '', requestId = '-' } = trace;
  return `${time.padEnd(28)}  ${severity.padEnd(11)}  ${cellText(requestId)}  ${cellText(redactSecrets(traceText(trace)))}\n`;
}

/** A trace as JSON: what is not there is `null`, and no text holds a key. */
export function traceJson(trace: TraceRecord): Row {
  const { time, message, severity, contents, requestId, clientRequestId, serviceName, properties, ...ids } = trace;
  const { operationId, parentId, roleName, roleInstance, itemCount, itemId } = ids;
  const texts = { message, contents, requestId, clientRequestId, serviceName };
  return {
    time,
    severity: severity ?? null,
    ...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, withoutSecrets(value ?? null)])),
    operationId,
    parentId,
    roleName,
    roleInstance,
    itemCount,
    itemId,
    properties: withoutSecrets(properties),
  };
}

function traceText({ message, properties }: TraceRecord): string {
  const { Contents: contents } = properties;
  return contents === undefined ? message : typeof contents === 'string' ? contents : JSON.stringify(contents);
}

function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') {
    return redactSecrets(value);
  }
  if (Array.isArray(value)) {
    return value.map(withoutSecrets);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutSecrets(inner)]))
    : value;
}
