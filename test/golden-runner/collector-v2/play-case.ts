import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  BasicCorrelationContext,
  type CollectedContext,
  Collector,
  type CollectorError,
  type CorrelationContext,
  type RecordOptions,
} from '@azureml-ts/monitoring';
import { type CollectionSidecar, type SidecarRecord, startCollectionSidecar } from '@azureml-ts/testing';
import { anyObject, strictText, UnreadableCase } from '../strict.ts';
import type { RecordedCase, RecordedStep } from './recorded-case.ts';
import { type Frame, frameOf, scriptValue } from './typed-values.ts';

/** What a step of ours gave. */
export interface StepResult {
  /** Meanings of the errors that the caller was told of. */
  readonly errors: readonly string[];
  /** Of the last `collect`. */
  readonly returned?: CollectedContext;
  /** Calls of `collect` whose record was taken. */
  readonly accepted?: number;
  /** Whether collection is on at all. */
  readonly enabled?: boolean;
}

/** What ours did in a case. */
export interface Played {
  readonly results: readonly StepResult[];
  /** What the stand-in got, in order. */
  readonly requests: readonly SidecarRecord[];
  /** Lines on standard output. */
  readonly printed: readonly string[];
  /** Places of the steps that a caller had done after the one that raised. */
  readonly contexts: ReadonlyMap<string, CorrelationContext>;
}

/** Longest wait for what ours sends where the recording got less, in milliseconds. */
const LINGER_MS = 400;

/** Plays a case with our collector, as a new process would. */
export async function playCase(recorded: RecordedCase): Promise<Played> {
  await using sidecar = await startCollectionSidecar();
  const folder = await mkdtemp(join(tmpdir(), 'golden-collector-'));
  const before = { ...process.env };
  const capture = captureStandardOutput();
  const stage = new Stage(recorded, sidecar);
  try {
    for (const name of Object.keys(process.env).filter((key) => /^(AML|AZUREML)_/.test(key))) {
      delete process.env[name];
    }
    for (const [name, value] of Object.entries(recorded.environment)) {
      process.env[name] = value.replaceAll('{port}', String(sidecar.port));
    }
    if (recorded.configFile !== undefined) {
      const file = join(folder, 'mdc-config.json');
      await writeFile(file, JSON.stringify(recorded.configFile.content));
      process.env[recorded.configFile.variable] = file;
    }
    const results: StepResult[] = [];
    for (const step of recorded.steps ?? []) {
      results.push(await stage.play(step));
    }
    await stage.end();
    return { results, requests: sidecar.requests(), printed: capture.lines(), contexts: stage.contexts };
  } finally {
    capture.end();
    process.env = before;
    await rm(folder, { recursive: true, force: true });
  }
}

class Stage {
  readonly contexts = new Map<string, CorrelationContext>();
  readonly #recorded: RecordedCase;
  readonly #sidecar: CollectionSidecar;
  readonly #collectors = new Map<string, { readonly collector: Collector; readonly errors: CollectorError[] }>();
  readonly #frames = new Map<string, Frame>();

  constructor(recorded: RecordedCase, sidecar: CollectionSidecar) {
    this.#recorded = recorded;
    this.#sidecar = sidecar;
  }

  async play(step: RecordedStep): Promise<StepResult> {
    const { fields } = step;
    switch (step.do) {
      case 'sidecar': {
        const { status, delaySeconds } = fields as { readonly status?: number; readonly delaySeconds?: number };
        this.#sidecar.respondWith({ status, delayMs: (delaySeconds ?? 0) * 1_000 });
        return { errors: [] };
      }
      case 'construct':
        return this.#construct(fields as { readonly collector: string; readonly name: string });
      case 'frame':
        this.#frames.set(strictText(fields['as'], 'as'), this.#frame(fields['data']));
        return { errors: [] };
      case 'set': {
        const { frame, row, column, value } = fields as Record<string, never>;
        const { names, columns } = this.#frames.get(frame as unknown as string) as Frame;
        (columns[names.indexOf(column as unknown as string)] as unknown[])[row as unknown as number] =
          scriptValue(value);
        return { errors: [] };
      }
      case 'collect':
        return this.#collect(fields);
      case 'wait':
        await this.#wait(step);
        return { errors: [] };
      default:
        // What is inspected or seeded there has no place here.
        return { errors: [] };
    }
  }

  /** Ends what still tries to deliver. */
  async end(): Promise<void> {
    for (const { collector } of this.#collectors.values()) {
      await collector.close({ timeoutMs: 50 }).catch(() => undefined);
    }
  }

  #construct({ collector: key, name }: { readonly collector: string; readonly name: string }): StepResult {
    const errors: CollectorError[] = [];
    // What the default handler would raise is told all the same, so that it can be compared.
    const collector = new Collector({ name, journal: false, onError: (error) => errors.push(error) });
    const codes = errors.splice(0).map(({ code }) => code);
    this.#collectors.set(key, { collector, errors });
    return { errors: codes.map(meaningOf), enabled: collector.enabled || codes.includes('COLLECTION_DISABLED') };
  }

  #collect(fields: RecordedStep['fields']): StepResult {
    const { collector, errors } = this.#collectors.get(strictText(fields['collector'], 'collector')) ?? {};
    if (collector === undefined || errors === undefined) {
      throw new UnreadableCase('a step collects with a collector that was not made');
    }
    const repeat = typeof fields['repeat'] === 'number' ? fields['repeat'] : 1;
    const [data, options] = this.#data(fields['data']);
    let returned: CollectedContext | undefined;
    let accepted = 0;
    for (let call = 0; call < repeat; call += 1) {
      returned = collector.collect(data as never, this.#context(fields['context'], call), options);
      accepted += returned.isSuccess() ? 1 : 0;
    }
    const told = errors.splice(0).filter(({ code }) => BY_CALL.has(code));
    if (typeof fields['as'] === 'string' && returned !== undefined) {
      this.contexts.set(fields['as'], returned);
    }
    return {
      errors: told.map(({ code }) => meaningOf(code)),
      accepted,
      ...(returned === undefined ? {} : { returned }),
    };
  }

  #context(context: unknown, call: number): CorrelationContext | undefined {
    if (context === null || context === undefined) {
      return undefined;
    }
    const { new: made, ref, value } = anyObject(context, 'context');
    if (made !== undefined) {
      const { id, timestamp, headers } = anyObject(made, 'new') as Record<string, never>;
      const text = id === undefined ? undefined : String(scriptValue(id)).replaceAll('{i}', String(call));
      return new BasicCorrelationContext({ id: text, timestamp: timestamp && Number(scriptValue(timestamp)), headers });
    }
    return ref === undefined ? (scriptValue(value) as CorrelationContext) : this.contexts.get(String(ref));
  }

  #data(data: unknown): [data: unknown, options: RecordOptions] {
    const { ref } = typeof data === 'object' && data !== null ? (data as { readonly ref?: unknown }) : {};
    const frame =
      ref === undefined || ref === 'input'
        ? frameOf(ref === undefined ? data : this.#recorded.input)
        : this.#frames.get(String(ref));
    if (frame === undefined) {
      return [scriptValue(ref === 'input' ? this.#recorded.input : data), {}];
    }
    const { names, columns, length } = frame;
    if (new Set(names).size < names.length) {
      const rows = Array.from({ length }, (_, row) => columns.map((column) => column[row]));
      return [rows, { columns: names }];
    }
    return [Object.fromEntries(names.map((name, index) => [name, columns[index]])), {}];
  }

  #frame(data: unknown): Frame {
    const frame = frameOf(data);
    if (frame === undefined) {
      throw new UnreadableCase('a frame is none');
    }
    return frame;
  }

  /** Until all is delivered; where it cannot be, a moment longer than the recording needed. */
  async #wait({ fields, expect }: RecordedStep): Promise<void> {
    const collectors = [...this.#collectors.values()].map(({ collector }) => collector);
    const recorded = typeof expect['requests'] === 'number' ? expect['requests'] : 0;
    const begun = performance.now();
    const timeoutMs = Math.max(LINGER_MS, Number(fields['timeoutSeconds'] ?? 1) * 1_000);
    while (collectors.some((collector) => collector.stats().pending > 0)) {
      const passedMs = performance.now() - begun;
      if (passedMs > timeoutMs || (passedMs > LINGER_MS && this.#sidecar.requests().length > recorded)) {
        return;
      }
      await wait(5);
    }
  }
}

/** Codes of what a call itself is told. */
const BY_CALL = new Set([
  ...['CUSTOM_LOGGING_DISABLED', 'COLLECTION_DISABLED', 'UNSUPPORTED_DATA_TYPE', 'INVALID_ROWS', 'NOT_A_CONTEXT'],
  ...['QUEUE_FULL', 'COLLECTOR_CLOSED', 'NAME_MISSING', 'PORT_NOT_A_NUMBER', 'CONFIG_FILE_MISSING'],
]);

/** The stable name of an error in the recordings. */
function meaningOf(code: string): string {
  return code.toLowerCase().replaceAll('_', '-');
}

/** Keeps what is written to standard output. */
function captureStandardOutput() {
  const { write } = process.stdout;
  let text = '';
  process.stdout.write = ((chunk: Uint8Array | string, ...rest: unknown[]) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const done = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
    done?.();
    return true;
  }) as typeof write;
  return {
    lines: () => text.split('\n').slice(0, -1),
    end: () => {
      process.stdout.write = write;
    },
  };
}
