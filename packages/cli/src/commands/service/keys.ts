import { createHash } from 'node:crypto';
import { harmlessLine, REDACTED, ValidationError, type WaitOptions } from '@azureml-ts/common';
import type { KeyName, ProgressOptions, ServiceKeys, Webservice } from '@azureml-ts/core';
import { type Command, Option } from 'commander';
import { addServiceOptions, findService, type ServiceCliOptions } from '../../azure/service-options.ts';
import type { CommandIo } from '../../io.ts';
import { hasColors } from '../../output/colors.ts';
import { writeDocument } from '../../output/documents.ts';
import { progressLines } from '../../output/progress.ts';
import { tableText } from '../../output/table.ts';
import { confirm } from '../confirm.ts';

interface KeysOptions extends ServiceCliOptions {
  readonly show?: boolean;
  readonly regenerate?: KeyName;
  readonly rotate?: boolean;
}

/** `azureml-ts service keys`: the two keys of a service, masked unless asked for. */
export function addServiceKeys(parent: Command, io: CommandIo): void {
  addServiceOptions(
    parent
      .command('keys')
      .description('show, make anew or rotate the keys of a service')
      .argument('<name>')
      .option('--show', 'print the keys themselves')
      .addOption(
        new Option('--regenerate <key>', 'make this key anew; the old one ends at once').choices([
          'primary',
          'secondary',
        ]),
      )
      .option('--rotate', 'make both keys anew, so that at each moment one key is valid that clients can have'),
  ).action((name: string, options: KeysOptions) => keys(name, options, io));
}

async function keys(name: string, options: KeysOptions, io: CommandIo): Promise<void> {
  const { regenerate, rotate, show = false } = options;
  if (regenerate !== undefined && rotate === true) {
    throw new ValidationError({ path: '--regenerate', expected: 'left out with --rotate', received: regenerate });
  }
  const { service } = await findService(name, options, io);
  const work = { ...progressLines(io, name), abortSignal: io.abortSignal };
  if (regenerate !== undefined) {
    await service.regenerateKey(regenerate, work);
  } else if (rotate === true) {
    await rotateKeys(service, { ...work, onKey: waitForClients(name, io) });
  }
  const { primaryKey, secondaryKey } = await service.getKeys({ abortSignal: io.abortSignal });
  const found = { primaryKey, secondaryKey };
  if (show) {
    maskInBuild(io, found);
  }
  const shown = show ? found : { primaryKey: REDACTED, secondaryKey: REDACTED };
  const fingerprints = { primaryKey: fingerprint(primaryKey), secondaryKey: fingerprint(secondaryKey) };
  if (options.output === 'json') {
    await writeDocument(io, { name, kind: service.kind, isShown: show, keys: shown, fingerprints });
  } else {
    const rows = (['primaryKey', 'secondaryKey'] as const).map((key) => ({
      name: key,
      fingerprint: fingerprints[key],
      key: shown[key],
    }));
    await io.writeOut(tableText(rows, { isColored: hasColors(io), maxCell: Number.POSITIVE_INFINITY }));
  }
}

/** Kinds with keys can do that; the others say what they lack. */
async function rotateKeys(service: Webservice, options: RotateOptions): Promise<void> {
  const rotating = service as Webservice & { rotateKeys?(options: RotateOptions): Promise<unknown> };
  await (rotating.rotateKeys?.(options) ?? service.getKeys());
}

interface RotateOptions extends WaitOptions, ProgressOptions {
  readonly onKey: () => Promise<void>;
}

/** Is called for the secondary key, then for the primary one: in between, clients must change over. */
function waitForClients(name: string, io: CommandIo): () => Promise<void> {
  let isFirst = true;
  return async () => {
    if (!isFirst) {
      return;
    }
    isFirst = false;
    if (io.ask === undefined) {
      io.writeError('azureml-ts: the secondary key is new; nobody can be asked, so the primary key follows at once.\n');
      return;
    }
    const question =
      `The secondary key is new (azureml-ts service keys ${harmlessLine(name)} --show prints it). ` +
      'Change all clients over to it. Make the primary key anew now? [y/N] ';
    await confirm(io, question, `The primary key of "${name}" is as it was, the secondary key is new`);
  };
}

/** Tells two keys apart without telling them: the start of the SHA-256. */
function fingerprint(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12);
}

/** GitHub then replaces the keys in everything that the job prints from here on. */
function maskInBuild(io: CommandIo, found: ServiceKeys): void {
  if (io.env['GITHUB_ACTIONS']) {
    for (const key of new Set(Object.values(found))) {
      io.writeError(`::add-mask::${key}\n`);
    }
  }
}
