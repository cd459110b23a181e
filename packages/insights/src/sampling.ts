import { ValidationError } from '@azureml-ts/common';

/** Largest value of a .NET integer, which the published hash counts with. */
const MAX_INTEGER = 2_147_483_647;

/** Decides which operations are sent. @internal */
export interface Sampler {
  /** Share of the operations that is sent, in percent: `sampleRate` of their items. */
  readonly sampleRate: number;
  /**
   * The same for every item of an operation, in every process. An item outside of any (`undefined`) is always kept, and
   * its `sampleRate` is 100: what is said at the start, between requests and at the end is little, and often tells why.
   */
  keeps(operationId: string | undefined): boolean;
}

/**
 * Makes the sampler.
 *
 * @param samplingRate The option, 0 to 1.
 * @throws {@link ValidationError} `VALIDATION`.
 * @internal
 */
export function createSampler(samplingRate: number | undefined): Sampler {
  const rate = samplingRate ?? 1;
  if (!(rate >= 0 && rate <= 1)) {
    throw new ValidationError({ path: 'samplingRate', expected: 'a number from 0 to 1', received: samplingRate });
  }
  const sampleRate = rate * 100;
  return {
    sampleRate,
    keeps: (operationId) => operationId === undefined || sampleRate === 100 || samplingScore(operationId) < sampleRate,
  };
}

/**
 * Where an operation stands from 0 to 100: it is kept when the rate is above that. So a higher rate keeps all that a
 * lower one does, and services which use the same rate keep the same operations.
 *
 * Source: the hash of the Application Insights SDKs.
 *
 * @internal
 */
export function samplingScore(operationId: string): number {
  let text = operationId;
  while (text.length > 0 && text.length < 8) {
    text += text;
  }
  let hash = 5381;
  for (let index = 0; index < text.length; index++) {
    hash = (((hash << 5) + hash) | 0) + text.charCodeAt(index);
    hash |= 0;
  }
  // The smallest integer has no positive counterpart.
  return (Math.min(Math.abs(hash), MAX_INTEGER) / MAX_INTEGER) * 100;
}
