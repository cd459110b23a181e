import type { AzureExchange } from '../azure/stand-in-types.ts';
import { isRecord } from '../telemetry/json-record.ts';
import type { SpecificationIssue } from './validator.ts';

/** An exchange, as far as it is checked. @internal */
export type CheckedExchange = Pick<AzureExchange, 'method' | 'url' | 'headers' | 'body' | 'answer'>;

/**
 * Checks what the specifications say and oav lets pass.
 *
 * @param containerTypes Container types that the version of the request lists.
 * @internal
 */
export function missedIssues(exchange: CheckedExchange, containerTypes: readonly string[]): SpecificationIssue[] {
  const { method, answer, body, url } = exchange;
  const issues: SpecificationIssue[] = [];
  const has = (name: string) => (answer.headers[name] ?? '') !== '';
  if (method === 'PUT' && answer.status === 201 && isOnline(url) && !has('azure-asyncoperation')) {
    issues.push({
      where: 'response',
      code: 'LRO_RESPONSE_HEADER',
      message: 'A 201 to a PUT must have the header Azure-AsyncOperation.',
      path: undefined,
    });
  }
  if (answer.status === 202 && !has('location') && !has('azure-asyncoperation')) {
    issues.push({
      where: 'response',
      code: 'LRO_RESPONSE_HEADER',
      message: 'A 202 must have the header Location.',
      path: undefined,
    });
  }
  const containerType = isRecord(body) && /\/getLogs\?/i.test(url) ? body['containerType'] : undefined;
  if (typeof containerType === 'string' && !containerTypes.includes(containerType)) {
    issues.push({
      where: 'request',
      code: 'ENUM_MISMATCH',
      message: `containerType must be one of ${containerTypes.join(', ')}, but is ${containerType}.`,
      path: '/containerType',
    });
  }
  return issues;
}

/** The PUTs that are long operations: those of endpoints and deployments. */
function isOnline(url: string): boolean {
  return /\/(onlineEndpoints|services)\//i.test(url);
}
