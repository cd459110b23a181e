import type { Webservice } from '@azureml-ts/core';
import type { CommandIo } from '../../io.ts';
import { logText } from '../../output/foreign-text.ts';

/** Keeps a local service running until Ctrl-C, and shows its log meanwhile. Then it is taken away; collected rows stay. */
export async function watchLocal(service: Webservice, io: CommandIo): Promise<void> {
  const { name, scoringUri } = service;
  io.writeError(`azureml-ts: "${name}" answers at ${scoringUri ?? 'an address that is not known'} until Ctrl-C\n`);
  try {
    for await (const line of service.followLogs({ abortSignal: io.abortSignal })) {
      io.writeError(`${logText(io, line)}\n`);
    }
  } finally {
    await service.delete();
  }
  // Ended by Ctrl-C: told as such.
  io.abortSignal?.throwIfAborted();
}
