import { resolve } from 'node:path';
import { type AzureExchange, createSpecificationValidator, type SpecificationIssue } from '../../src/index.ts';

/** The official specifications that are kept in this repository. */
export const SPECIFICATIONS = resolve(__dirname, '../../../../test/specifications');

const validator = createSpecificationValidator({ directory: SPECIFICATIONS });

/** What is wrong with exchanges, each with its request. */
export async function issuesOf(
  exchanges: readonly Pick<AzureExchange, 'method' | 'url' | 'headers' | 'body' | 'answer'>[],
): Promise<readonly { request: string; issue: SpecificationIssue }[]> {
  const all = await Promise.all(
    exchanges.map(async (exchange) =>
      (await validator.validate(exchange)).map((issue) => ({ request: `${exchange.method} ${exchange.url}`, issue })),
    ),
  );
  return all.flat();
}
