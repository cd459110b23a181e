import type { AzureStandIn } from '@azureml-ts/testing';
import type { CommandIo } from '../src/io.ts';

/** Keeps what a command writes. */
export class RecordedIo implements CommandIo {
  readonly env: Record<string, string | undefined>;
  readonly isTerminal: boolean;
  abortSignal?: AbortSignal;
  access?: NonNullable<CommandIo['access']>;
  readInput?: () => Promise<Uint8Array>;
  ask?: (question: string) => Promise<string>;
  out = '';
  error = '';

  constructor(env: Record<string, string | undefined> = {}, isTerminal = false) {
    this.env = env;
    this.isTerminal = isTerminal;
  }

  writeOut(text: string): Promise<void> {
    this.out += text;
    return Promise.resolve();
  }

  writeError(text: string): void {
    this.error += text;
  }
}

/** An io for the workspace of a stand-in: its three names are in the environment. */
export function ioFor(standIn: AzureStandIn, env: Record<string, string | undefined> = {}): RecordedIo {
  const io = new RecordedIo({
    AZUREML_ARM_SUBSCRIPTION: standIn.subscriptionId,
    AZUREML_ARM_RESOURCEGROUP: standIn.resourceGroup,
    AZUREML_ARM_WORKSPACE_NAME: standIn.workspaceName,
    ...env,
  });
  const { credential, clientOptions } = standIn;
  io.access = { credential, clientOptions } as NonNullable<CommandIo['access']>;
  return io;
}

/** Variables for commands on collected data: where it is, and its names `sub/rg/ws/svc`, are in the environment. */
export function dataEnvironment(storage: string): Record<string, string> {
  return {
    AML_MODEL_DC_STORAGE: storage,
    AZUREML_ARM_SUBSCRIPTION: 'sub',
    AZUREML_ARM_RESOURCEGROUP: 'rg',
    AZUREML_ARM_WORKSPACE_NAME: 'ws',
    SERVICE_NAME: 'svc',
  };
}
