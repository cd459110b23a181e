import { AzuremlError, type Clock, ValidationError } from '@azureml-ts/common';
import type { TelemetryChannel } from '../channel/channel.ts';
import { PackageChannel } from '../channel/package-channel.ts';
import { startPackage } from '../channel/start-package.ts';
import { SwitchingChannel } from '../channel/switching-channel.ts';
import { findIngestionTarget, type IngestionTarget } from '../connection-string.ts';
import { MAX_ITEM_BYTES } from '../items/limits.ts';
import type { InsightsOptions } from '../types.ts';
import type { MakeDropReport } from './drop-reports.ts';
import { isLoopback } from './redirect.ts';
import { Sender, type SenderOptions } from './sender.ts';
import { TokenSource } from './token-source.ts';

const CHANNELS = ['auto', 'direct', 'applicationinsights'];

/** What a sender is opened with, beside the options. @internal */
export interface OpenSenderParts {
  readonly clock: Clock;
  /** Hears of each kind of problem once. */
  readonly onProblem: (problem: string) => void;
  /** Makes the items that tell of losses. */
  readonly makeDropReport?: MakeDropReport | undefined;
}

/**
 * Opens what the options ask for (`credential`, `channel` and `spool` too). Nothing is sent yet.
 *
 * @throws {@link AzuremlError} `CONNECTION_STRING_MISSING`, `CONNECTION_STRING_INVALID`; {@link ValidationError}.
 * @internal
 */
export function openSender(
  options: InsightsOptions,
  parts: OpenSenderParts,
): { readonly sender: TelemetryChannel; readonly target: IngestionTarget } {
  const { channel = 'auto' } = options;
  if (!CHANNELS.includes(channel)) {
    throw new ValidationError({ path: 'channel', expected: CHANNELS.join(', '), received: channel });
  }
  const target = findIngestionTarget(options.connectionString);
  const senderOptions = senderOptionsOf(options, target, parts);
  const openDirect = () => new Sender(senderOptions);
  const openPackage = () =>
    new PackageChannel({
      queue: senderOptions.queue,
      now: () => parts.clock.now(),
      onProblem: parts.onProblem,
      start: () => startPackage({ target, credential: options.credential, serviceName: serviceNameOf(options) }),
      openFallback: openDirect,
    });
  const sender =
    channel === 'direct'
      ? openDirect()
      : channel === 'applicationinsights'
        ? openPackage()
        : new SwitchingChannel(openDirect(), openPackage);
  return { sender, target };
}

function senderOptionsOf(options: InsightsOptions, target: IngestionTarget, parts: OpenSenderParts): SenderOptions {
  const requestTimeoutMs = limit('requestTimeoutMs', options.requestTimeoutMs, 30_000, 1);
  return {
    ...parts,
    url: target.trackUrl,
    queue: {
      maxItems: limit('maxQueueItems', options.maxQueueItems, 10_000, 1),
      maxBytes: limit('maxQueueBytes', options.maxQueueBytes, 8 * 1024 * 1024, MAX_ITEM_BYTES),
    },
    batch: {
      maxItems: limit('maxBatchItems', options.maxBatchItems, 1_000, 1),
      maxBytes: limit('maxBatchBytes', options.maxBatchBytes, 1024 * 1024, MAX_ITEM_BYTES),
    },
    flushIntervalMs: limit('flushIntervalMs', options.flushIntervalMs, 1000, 0),
    requestTimeoutMs,
    tokens: tokensOf(options, target, parts.clock, requestTimeoutMs),
    spool: spoolOf(options, target),
  };
}

function serviceNameOf({ context }: InsightsOptions): string | undefined {
  return context?.serviceName ?? process.env['SERVICE_NAME'];
}

function tokensOf(
  { credential }: InsightsOptions,
  { trackUrl, scope }: IngestionTarget,
  clock: Clock,
  timeoutMs: number,
): TokenSource | undefined {
  if (credential === undefined) {
    return undefined;
  }
  if (typeof credential?.getToken !== 'function') {
    throw new ValidationError({ path: 'credential', expected: 'an object with getToken', received: typeof credential });
  }
  if (trackUrl.protocol !== 'https:' && !isLoopback(trackUrl)) {
    throw new AzuremlError(
      'CONNECTION_STRING_INVALID',
      `Telemetry with a credential goes over https only, and the endpoint ${trackUrl.origin} is http. ` +
        'Use the https endpoint, or leave out credential.',
      { details: { reason: 'a token is not sent over http' } },
    );
  }
  return new TokenSource({ credential, scope, clock, timeoutMs });
}

function spoolOf({ spool = false }: InsightsOptions, target: IngestionTarget): SenderOptions['spool'] {
  if (spool === false) {
    return undefined;
  }
  if (typeof spool?.directory !== 'string' || spool.directory === '') {
    throw new ValidationError({ path: 'spool.directory', expected: 'the path of a folder', received: typeof spool });
  }
  return {
    directory: spool.directory,
    maxBytes: limit('spool.maxBytes', spool.maxBytes, 50 * 1024 * 1024, MAX_ITEM_BYTES),
    destination: `${target.trackUrl.href} ${target.instrumentationKey}`,
  };
}

function limit(name: string, value: number | undefined, byDefault: number, least: number): number {
  if (value === undefined) {
    return byDefault;
  }
  if (!Number.isFinite(value) || value < least) {
    throw new ValidationError({ path: name, expected: `a number of ${least} or more`, received: value });
  }
  return value;
}
