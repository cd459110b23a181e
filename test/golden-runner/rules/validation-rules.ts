import type { RuleText } from './rule.ts';

/** One setting that ours refuses and the peer takes. */
export interface Refusal {
  /** Our name of the setting. */
  readonly path: string;
  /** What was given, by Python's name. */
  readonly value: unknown;
  /** All that was given, by our names. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A setting that is checked otherwise on purpose. */
export interface ValidationRule extends RuleText {
  /** Whether it explains that ours refuses a setting that the peer takes. */
  explainsRefusal?(refusal: Refusal): boolean;
  /** Whether it explains that ours takes what the peer refuses with a message. */
  explainsAcceptance?(settings: Readonly<Record<string, unknown>>, message: string): boolean;
}

const WHOLE = /(Replicas|Seconds|Ms|Requests|WaitTime|Threshold|Utilization|gpuCores|instanceCount|port)$/;
const SWITCH = /(Enabled|enableAppInsights|collectModelData)$/;

/** Rules about which settings are taken. */
export const VALIDATION_RULES: readonly ValidationRule[] = [
  {
    id: 'whole-numbers',
    peer: 'takes fractions where its documentation says int (replicas, seconds, milliseconds, ...)',
    ours: 'refuses them, as the service counts in whole numbers',
    explainsRefusal: ({ path, value }) => WHOLE.test(path) && typeof value === 'number' && !Number.isInteger(value),
  },
  {
    id: 'limits-alone',
    peer: 'looks at `cpu_cores_limit` and `memory_gb_limit` only beside a request, so that 0 and less pass',
    ours: 'wants them greater than 0',
    explainsRefusal: ({ path, value }) => path.endsWith('Limit') && typeof value === 'number' && value <= 0,
  },
  {
    id: 'utilization-to-100',
    peer: 'takes a target utilization over 100 percent',
    ours: 'refuses it',
    explainsRefusal: ({ path, value }) => /Utilization$/.test(path) && typeof value === 'number' && value > 100,
  },
  {
    id: 'zero-of-autoscaling',
    peer: 'takes 0 for the numbers of autoscaling when `autoscale_enabled` is not given',
    ours: 'refuses it: 0 makes no sense, and the number needs autoscaling',
    explainsRefusal: ({ path, value }) => path.startsWith('autoscale') && value === 0,
  },
  {
    id: 'keys-or-tokens',
    peer: 'takes `token_auth_enabled` without `auth_enabled=False`, though key authentication is on by default',
    ours: 'wants `authEnabled: false` beside it',
    explainsRefusal: ({ path, settings }) =>
      path === 'tokenAuthEnabled' && (settings['authEnabled'] === undefined || settings['authEnabled'] === null),
  },
  {
    id: 'second-key-alone',
    peer: 'drops `secondary_key` without `primary_key` without a word',
    ours: 'refuses it',
    explainsRefusal: ({ path, settings }) => path === 'secondaryKey' && !settings['primaryKey'],
  },
  {
    id: 'types-checked',
    peer: 'checks no types: `True` passes as 1, a text as a number, a number as a text',
    ours: 'refuses a value of another type than the documentation names',
    explainsRefusal: ({ path, value }) =>
      SWITCH.test(path)
        ? typeof value !== 'boolean'
        : /^(tags|properties)$/.test(path)
          ? typeof value !== 'object' || Object.values(value ?? {}).some((text) => typeof text !== 'string')
          : /(Key|File|Name|Label|Cname|Url|Version|namespace|description|location)$/i.test(path)
            ? typeof value !== 'string' || value === ''
            : typeof value !== 'number',
  },
  {
    id: 'zero-is-meant',
    peer: 'takes `0` and an empty description for "not given": alone they are "No parameters provided to update."',
    ours: 'sends them where they make sense (no GPU, no description)',
    explainsAcceptance: (settings, message) =>
      /No parameters provided/.test(message) && Object.values(settings).some((value) => value === 0 || value === ''),
  },
  {
    id: 'json-knows-one-number',
    peer: 'refuses a float that is a whole number, for example port 80.0',
    ours: 'takes it: JSON and JavaScript know one type of number',
    explainsAcceptance: (settings, message) =>
      /port must be an integer/.test(message) && Number.isInteger(settings['port']),
  },
];
