import { randomUUID } from 'node:crypto';
import { currentRequest } from '@azureml-ts/common';
import { checkedBytes } from '../collector/call-intake.ts';
import { CallNumbers, type Correlations } from '../collector/correlations.ts';
import type { Intake } from '../collector/intake.ts';
import type { CallSource, PendingCall } from '../collector/pending-call.ts';
import type { CollectOptions } from '../collector/receipt.ts';
import { isSampled } from '../collector/sampling.ts';
import { ScoringTimes } from '../collector/scoring-times.ts';
import type { StreamIdentity } from '../format/blob-path.ts';
import type { Cell } from '../format/csv-encode.ts';
import { countRows } from '../rows/count-rows.ts';
import type { CompiledFeatures, Feature } from '../rows/features.ts';
import { InvalidRows } from '../rows/invalid-rows.ts';
import type { RowSchema } from '../rows/row-schema.ts';
import { RowSchemas } from '../rows/row-schemas.ts';
import { type InputShape, type ShapedRows, shapeRows } from '../rows/shape-rows.ts';
import { padTimes, pointFloats } from './frame-columns.ts';
import { PythonCall } from './python-call.ts';
import { inOrder, type PythonCells } from './python-columns.ts';
import { PythonCopier } from './python-copier.ts';
import { checkOwnIds, NO_REQUEST, PythonCorrelations, readPythonCorrelations } from './python-correlations.ts';
import { identityOf, type PythonIdentity } from './python-identity.ts';
import { type PythonInput, readPythonInput } from './python-input.ts';
import { PythonLayout } from './python-layout.ts';
import { PythonRoutes, type Route } from './python-route.ts';
import { pythonTimestamp } from './python-time.ts';

/** Bytes of the columns of a call: usual ones. */
const CALL_BYTES = 200;
/** Arrays with more members are looked at before they are copied. */
const MANY = 100_000;
const HOUR_MS = 3_600_000;

/** Settings of {@link PythonIntake}. */
export interface PythonIntakeOptions {
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** Names of the features, when the caller gave them. */
  readonly featureNames: readonly string[] | undefined;
  /** The features, when the caller gave these. */
  readonly features: readonly Feature[] | undefined;
  /** The same, ready for rows. */
  readonly compiled: CompiledFeatures | undefined;
  /** Version of the model as the caller gave it. */
  readonly givenVersion: string | number | undefined;
  /** Name of the collection. */
  readonly collectionName: string;
  /** Whether each hour has a folder of its own. */
  readonly isHourly: boolean;
}

/**
 * The first step of a row in the layout of the Python package: inputs get the eight columns of their call, other rows
 * have them when they are handed over or brought along. Predictions, labels and signals then go where these columns say.
 */
export class PythonIntake implements Intake {
  readonly #options: PythonIntakeOptions;
  readonly #identity: PythonIdentity;
  readonly #source: CallSource = { numbers: new CallNumbers(), times: new ScoringTimes() };
  readonly #routes: PythonRoutes;
  readonly #copier: PythonCopier;
  readonly #schemas: RowSchemas;
  /** Of data frames that have other columns than the features: theirs count. */
  readonly #frameSchemas: RowSchemas;
  readonly #layouts = new WeakMap<RowSchema, Map<boolean, PythonLayout>>();

  /** @param options Settings. */
  constructor(options: PythonIntakeOptions) {
    const { stream, featureNames, features, compiled } = options;
    this.#options = options;
    this.#identity = identityOf(stream, options);
    this.#routes = new PythonRoutes(stream);
    this.#copier = new PythonCopier(compiled, features);
    this.#schemas = new RowSchemas(featureNames, compiled, this.#copier);
    this.#frameSchemas = new RowSchemas(undefined, undefined, this.#copier);
  }

  /** See {@link Intake.writer}. */
  get writer(): string {
    return this.#source.numbers.writer;
  }

  /** See {@link Intake.lastNumber}: ids of this layout are random. */
  get lastNumber(): number {
    return 0;
  }

  /** See {@link Intake.width}. */
  get width(): number | undefined {
    return this.#schemas.width;
  }

  /** What stands for the columns of a call that correlations of another layout lack. */
  get identity(): PythonIdentity {
    return this.#identity;
  }

  /** See {@link Intake.begin}. */
  begin({ correlationId, correlations }: CollectOptions, now: number): PythonCall {
    // Callers without types pass null for none, and numbers for ids.
    const own = typeof correlationId === 'number' ? String(correlationId) : (correlationId ?? undefined);
    const handed = correlations == null ? undefined : readPythonCorrelations(correlations, this.#identity);
    const call = new PythonCall(
      this.#source,
      now,
      this.#source.times.dayOf(now),
      0,
      handed ?? this.#newCells(own, now),
    );
    call.handed = handed;
    call.hour = this.#options.isHourly ? hourOf(now) : undefined;
    return call;
  }

  /** See {@link Intake.bringsIds}. */
  bringsIds(input: unknown): boolean {
    return readPythonInput(input, 'auto', this.width, this.#identity).own !== undefined;
  }

  /** See {@link Intake.copy}. */
  copy(pending: PendingCall, given: unknown, shape: InputShape, _hasOwnId: boolean, samplingRate: number): void {
    const call = pending as PythonCall;
    if (!Array.isArray(given) || given.length > MANY) {
      // Before anything is copied: what can never be taken must not fill the memory.
      const rowCount = countRows(given, shape, this.width);
      checkedBytes(rowCount * 2, rowCount);
    }
    const input = readPythonInput(given, shape, this.width, this.#identity);
    const hasCall = input.own !== undefined || call.handed !== undefined || this.#isInputs;
    // Rows that are routed are written one by one, also those of a data frame.
    const isRouted = hasCall && this.#routes.isRouted;
    call.isFrame = input.isFrame && !isRouted;
    this.#copier.bytes = 0;
    this.#copier.widensSingles = hasCall && !call.isFrame;
    const { schema, rows } = this.#shape(input);
    if (input.isFrame) {
      pointFloats(rows);
    }
    if (call.isFrame) {
      padTimes(rows);
    }
    const layout = this.#layoutOf(schema, hasCall);
    const bytes = checkedBytes(this.#copier.bytes + rows.length * (hasCall ? CALL_BYTES : 2), rows.length);
    if (input.own === undefined) {
      const cells = hasCall ? this.#cellsOfCall(call, rows.length) : [];
      takePlace(call, isRouted && cells[0] !== undefined ? this.#routes.of(cells[0]) : undefined);
      call.rows = hasCall ? rows.map((row, index) => [...row, ...inOrder(cells[index] as PythonCells)]) : rows;
      call.schema = layout;
      call.bytes = bytes;
      return;
    }
    if (input.own.length !== rows.length) {
      throw new InvalidRows(rows.length, `there are ids for ${input.own.length} rows, but ${rows.length} rows`);
    }
    this.#divide(call, rows, input.own, samplingRate);
    for (const part of [call, ...(call.more ?? [])] as PythonCall[]) {
      part.schema = layout;
      part.isFrame = call.isFrame;
      part.bytes = (bytes / Math.max(1, rows.length)) * part.rows.length;
    }
  }

  get #isInputs(): boolean {
    return this.#options.stream.designation === 'inputs';
  }

  #newCells(own: string | readonly string[] | undefined, now: number): PythonCorrelations {
    const uuid = randomUUID();
    const { workspace, serviceName, modelName, modelVersion, boundary } = this.#identity;
    const prefix = typeof own === 'string' && own !== '' ? `${own}-` : '';
    return new PythonCorrelations(
      {
        $aml_dc_scoring_timestamp: pythonTimestamp(now),
        $aml_request_id: currentRequest()?.requestId ?? NO_REQUEST,
        $aml_dc_correlation_id: prefix + uuid,
        $aml_dc_boundary: boundary,
        $aml_workspace: workspace,
        $aml_service_name: serviceName,
        $aml_model_name: modelName,
        $aml_model_version: modelVersion,
      },
      // Copied: what the caller does with its array later must not reach the rows.
      typeof own === 'object' ? Object.freeze([...own]) : own,
    );
  }

  #shape({ input, isFrame, shape }: PythonInput): ShapedRows {
    const { featureNames } = this.#options;
    if (isFrame && featureNames !== undefined) {
      const first: unknown = Array.isArray(input) ? input[0] : input;
      const keys = typeof first === 'object' && first !== null ? Object.keys(first) : [];
      if (!keys.every((key) => featureNames.includes(key))) {
        return shapeRows(input, this.#frameSchemas, shape);
      }
    }
    return shapeRows(input, this.#schemas, shape);
  }

  #layoutOf(schema: RowSchema, hasCall: boolean): PythonLayout {
    let layouts = this.#layouts.get(schema);
    if (layouts === undefined) {
      layouts = new Map();
      this.#layouts.set(schema, layouts);
    }
    let layout = layouts.get(hasCall);
    if (layout === undefined) {
      const { collectionName } = this.#options;
      layout = new PythonLayout({ features: schema.names ?? schema.width, hasCall, collectionName });
      layouts.set(hasCall, layout);
    }
    return layout;
  }

  /** The columns of the call in each row. */
  #cellsOfCall(call: PythonCall, rowCount: number): PythonCells[] {
    const given = call.given as Correlations & PythonCells;
    const own = given.userCorrelationId;
    checkOwnIds(own);
    if (typeof own !== 'object' || (call.handed !== undefined && own.length !== rowCount)) {
      return new Array<PythonCells>(rowCount).fill(given);
    }
    if (own.length !== rowCount) {
      throw new InvalidRows(rowCount, `there are ${own.length} correlation ids for ${rowCount} rows`);
    }
    return own.map((id) => ({ ...given, $aml_dc_correlation_id: `${id}-${given.$aml_dc_correlation_id}` }));
  }

  /** Rows that brought their columns along go to the files that these say. */
  #divide(call: PythonCall, rows: readonly Cell[][], own: readonly PythonCells[], samplingRate: number): void {
    const parts = new Map<string, { readonly route: Route | undefined; readonly rows: Cell[][] }>();
    let kept = 0;
    for (const [index, cells] of own.entries()) {
      if (!isSampled(String(cells.$aml_dc_correlation_id), samplingRate)) {
        continue;
      }
      kept += 1;
      const route = this.#routes.isRouted ? this.#routes.of(cells) : undefined;
      const part = parts.get(route?.key ?? '') ?? { route, rows: [] };
      parts.set(route?.key ?? '', part);
      part.rows.push([...(rows[index] as Cell[]), ...inOrder(cells)]);
    }
    const targets = [...parts.values()].map(({ route, rows: taken }, index) => {
      const target = index === 0 ? call : new PythonCall(this.#source, 0, call.day, 0, call.given);
      target.hour = call.hour;
      takePlace(target, route);
      target.rows = taken;
      return target;
    });
    call.sampledOut = own.length - kept;
    call.more = targets.slice(1);
  }
}

function takePlace(call: PythonCall, route: Route | undefined): void {
  if (route !== undefined) {
    call.day = route.day;
    call.hour = route.hour;
    call.stream = route.stream;
  }
}

function hourOf(time: number): string {
  return String(Math.floor(time / HOUR_MS) % 24).padStart(2, '0');
}
