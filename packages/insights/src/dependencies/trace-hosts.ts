import { ValidationError } from '@azureml-ts/common';
import { withoutPort } from './known-hosts.ts';

/**
 * Makes the check whether a host is told of the trace.
 *
 * @param patterns The option: names of hosts, `*` for any characters; `undefined` for all hosts.
 * @throws {@link ValidationError} `VALIDATION`.
 * @internal
 */
export function traceHosts(patterns: readonly string[] | undefined): (host: string) => boolean {
  if (patterns === undefined) {
    return () => true;
  }
  if (!Array.isArray(patterns) || !patterns.every((pattern) => typeof pattern === 'string')) {
    throw new ValidationError({
      path: 'traceContextHosts',
      expected: 'a list of names of hosts',
      received: patterns,
    });
  }
  const expressions = patterns.map((pattern) => {
    const text = pattern.toLowerCase().replace(/[^a-z0-9*]/g, String.raw`\$&`);
    return new RegExp(`^${text.replaceAll('*', '.*')}$`);
  });
  return (host) => expressions.some((expression) => expression.test(withoutPort(host)));
}
