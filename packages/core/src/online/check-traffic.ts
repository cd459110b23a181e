import { ValidationError } from '@azureml-ts/common';

/** Shares of the requests, in percent, by deployment. */
export type Traffic = Readonly<Record<string, number>>;

/**
 * Checks shares of traffic before any request.
 *
 * @throws `VALIDATION` unless all are whole numbers from 0 to 100 that sum to 100, or to 0.
 */
export function checkTraffic(traffic: Traffic): Traffic {
  if (typeof traffic !== 'object' || traffic === null || Array.isArray(traffic)) {
    throw new ValidationError({ path: 'traffic', expected: 'an object such as { blue: 100 }', received: traffic });
  }
  for (const [name, share] of Object.entries(traffic)) {
    if (!Number.isInteger(share) || share < 0 || share > 100) {
      throw new ValidationError({
        path: `traffic.${name}`,
        expected: 'a whole number from 0 to 100',
        received: share,
      });
    }
  }
  const sum = Object.values(traffic).reduce((total, share) => total + share, 0);
  if (sum !== 100 && sum !== 0) {
    const shares = Object.entries(traffic).map(([name, share]) => `${name} ${share}`);
    throw new ValidationError({
      path: 'traffic',
      expected: 'shares that sum to 100, or all 0',
      message: `traffic must sum to 100, or to 0 to take the endpoint off, but ${shares.join(' + ')} is ${sum}.`,
    });
  }
  return { ...traffic };
}

/**
 * Checks that the deployments are there.
 *
 * @throws `VALIDATION` naming those that are.
 */
export function checkDeploymentNames(traffic: Traffic, known: readonly string[], endpointName: string): void {
  const unknown = Object.keys(traffic).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new ValidationError({
      path: `traffic.${unknown[0]}`,
      expected: `one of the deployments ${known.join(', ')}`,
      message:
        `traffic names ${unknown.map((name) => `"${name}"`).join(', ')}, which online endpoint "${endpointName}" does not have. ` +
        (known.length === 0 ? 'It has no deployments yet.' : `Its deployments are ${known.join(', ')}.`),
    });
  }
}
