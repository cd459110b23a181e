import { type WaitOptions, waitAtMost } from '@azureml-ts/common';
import type { OnlineDeployment, Webservice, Workspace, WorkspaceDetails } from '@azureml-ts/core';
import type { StorageTarget } from '@azureml-ts/monitoring/format';
import type { ServiceCliOptions } from '../azure/service-options.ts';
import type { CommandIo } from '../io.ts';
import type { Finding } from './finding.ts';

/** Longest time for one question of a check. */
const QUESTION_TIMEOUT_MS = 30_000;

/** Options of `azureml-ts doctor`. */
export interface DoctorOptions extends ServiceCliOptions {
  readonly storage?: string;
  readonly timeout?: number;
}

/** What the checks know: each adds what it finds out, and later ones build on it. */
export class DoctorContext {
  readonly io: CommandIo;
  readonly options: DoctorOptions;
  /** Name of the service; `undefined` when only the workspace is looked at. */
  readonly name: string | undefined;
  workspace: Workspace | undefined;
  isSignedIn = false;
  details: WorkspaceDetails | undefined;
  service: Webservice | undefined;
  /** Of an online endpoint. */
  deployments: readonly OnlineDeployment[] | undefined;
  /** Where collected rows are, once that can be listed. */
  storage: StorageTarget | string | undefined;

  constructor(io: CommandIo, options: DoctorOptions, name: string | undefined) {
    this.io = io;
    this.options = options;
    this.name = name;
  }

  /** Limits of one question. */
  get limits(): WaitOptions {
    return { timeoutMs: this.options.timeout ?? QUESTION_TIMEOUT_MS, abortSignal: this.io.abortSignal };
  }

  /** Asks one question that knows no time limit of its own. */
  ask<T>(what: string, question: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    const ended = new AbortController();
    const work = question(ended.signal);
    return waitAtMost(work, what, this.limits).finally(() => {
      work.catch(() => undefined);
      ended.abort(new Error(`${what} was given up`));
    });
  }
}

/** One check. It throws only what it does not expect. */
export interface Check {
  /** Stable name, which its findings have. */
  readonly name: string;
  /** Looks. Most checks find one thing. */
  look(context: DoctorContext): Promise<readonly Finding[]>;
}
