import { ValidationError } from '@azureml-ts/common';
import type { Traffic } from '../check-traffic.ts';

/** What the shares of an endpoint follow from. */
export interface ShareWishes {
  readonly deploymentName: string;
  /** Shares of all deployments. */
  readonly traffic: Traffic | undefined;
  /** Share of this deployment. */
  readonly percentile: number | undefined;
}

/**
 * The shares that an endpoint gets once a deployment is healthy.
 *
 * @param wishes What was asked for.
 * @param current The shares of now.
 * @param others Names of the other deployments.
 * @returns `undefined` when they stay.
 * @throws `VALIDATION` when the shares cannot sum to 100.
 */
export function sharesAfter(wishes: ShareWishes, current: Traffic, others: readonly string[]): Traffic | undefined {
  const { deploymentName, traffic, percentile } = wishes;
  if (traffic !== undefined) {
    const unknown = Object.keys(traffic).filter((name) => name !== deploymentName && !others.includes(name));
    if (unknown.length > 0) {
      throw new ValidationError({
        path: `traffic.${unknown[0]}`,
        expected: `one of the deployments ${[...others, deploymentName].join(', ')}`,
        message: `traffic names ${unknown.join(', ')}, which the endpoint does not have. It has ${[...others, deploymentName].join(', ')} once this is deployed.`,
      });
    }
    return changed(current, traffic);
  }
  if (percentile === undefined) {
    return others.length === 0 ? changed(current, { [deploymentName]: 100 }) : undefined;
  }
  return changed(current, scaled(deploymentName, percentile, current, others));
}

function scaled(deploymentName: string, share: number, current: Traffic, others: readonly string[]): Traffic {
  const rest = others.map((name) => ({ name, share: current[name] ?? 0 })).filter((other) => other.share > 0);
  const sum = rest.reduce((total, other) => total + other.share, 0);
  const left = 100 - share;
  if (rest.length === 0) {
    if (share !== 0 && share !== 100) {
      throw new ValidationError({
        path: 'deploymentConfig.trafficPercentile',
        expected: '100 or 0, because no other deployment of the endpoint gets requests',
        received: share,
      });
    }
    return { [deploymentName]: share };
  }
  const exact = rest.map(({ name, share: old }) => ({ name, exact: (old * left) / sum }));
  const shares = new Map(exact.map(({ name, exact: value }) => [name, Math.floor(value)]));
  let missing = left - [...shares.values()].reduce((total, value) => total + value, 0);
  // What rounding took goes to those that lost most by it.
  for (const { name } of exact.toSorted((one, other) => (other.exact % 1) - (one.exact % 1))) {
    if (missing > 0) {
      shares.set(name, (shares.get(name) ?? 0) + 1);
      missing -= 1;
    }
  }
  return { ...Object.fromEntries(shares), [deploymentName]: share };
}

/** Shares, unless they are those of now. */
function changed(current: Traffic, wanted: Traffic): Traffic | undefined {
  const names = [...new Set([...Object.keys(current), ...Object.keys(wanted)])];
  return names.every((name) => (current[name] ?? 0) === (wanted[name] ?? 0)) ? undefined : wanted;
}

/** Shares in words. */
export function shareText(traffic: Traffic): string {
  return Object.entries(traffic)
    .map(([name, share]) => `${name} ${share} %`)
    .join(', ');
}
