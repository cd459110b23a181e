import type { CallPlace } from '../engine/collection-engine.ts';
import { type StreamIdentity, segmentFault, streamPrefix, type UtcDay, utcDay } from '../format/blob-path.ts';
import { inQuotes } from '../rows/describe-value.ts';
import { InvalidRows } from '../rows/invalid-rows.ts';
import type { PythonCells } from './python-columns.ts';

/** Designations whose rows go where the columns of their call say. */
const ROUTED = new Set(['predictions', 'labels', 'signals']);

/** Whether rows of a designation go where the columns of their call say. */
export function isRouted(designation: string): boolean {
  return ROUTED.has(designation);
}

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d):\d\d:\d\d(?:\.\d+)?Z?$/;

/** The file of a row. */
export interface Route extends CallPlace {
  /** UTC day. */
  readonly day: UtcDay;
  /** The same text for rows of one file. */
  readonly key: string;
}

/** Finds the files of rows that carry the columns of their call. */
export class PythonRoutes {
  readonly #own: StreamIdentity;
  readonly #isRouted: boolean;
  readonly #streams = new Map<string, StreamIdentity | undefined>();

  /** @param own What the rows of the collector are called. */
  constructor(own: StreamIdentity) {
    this.#own = own;
    this.#isRouted = isRouted(own.designation);
    this.#streams.set(streamPrefix(own), undefined);
  }

  /** Whether rows go where their columns say, and not where the collector stores now. */
  get isRouted(): boolean {
    return this.#isRouted;
  }

  /**
   * The file of a row: workspace, service, model, version, and day or hour of its scoring.
   *
   * @throws InvalidRows when these cannot be parts of a path.
   */
  of(cells: PythonCells): Route {
    const [, day, hourOfDay] = TIME.exec(String(cells.$aml_dc_scoring_timestamp)) ?? [];
    const time = Date.parse(`${day}T${hourOfDay}:00:00Z`);
    if (day === undefined || Number.isNaN(time) || utcDay(time) !== day) {
      throw new InvalidRows(
        undefined,
        `the scoring timestamp ${inQuotes(String(cells.$aml_dc_scoring_timestamp))} is not of the form 2026-01-02T03:04:05.678901`,
      );
    }
    const hour = Number(cells.$aml_dc_boundary) === 60 ? hourOfDay : undefined;
    const stream = this.#streamOf(cells);
    return { day, hour, stream, key: `${day}/${hour ?? ''}/${stream === undefined ? '' : streamPrefix(stream)}` };
  }

  #streamOf(cells: PythonCells): StreamIdentity | undefined {
    const [subscriptionId = '', resourceGroup = '', workspaceName = '', ...more] = String(cells.$aml_workspace).split(
      '/',
    );
    const stream: StreamIdentity = {
      workspace: { subscriptionId, resourceGroup, workspaceName },
      webserviceName: String(cells.$aml_service_name),
      modelName: String(cells.$aml_model_name),
      modelVersion: String(cells.$aml_model_version),
      designation: this.#own.designation,
    };
    const key = streamPrefix(stream);
    if (this.#streams.has(key)) {
      return this.#streams.get(key);
    }
    const { workspace, ...names } = stream;
    const fault =
      more.length > 0
        ? 'three parts'
        : Object.values({ ...workspace, ...names })
            .map(segmentFault)
            .find(Boolean);
    if (fault !== undefined) {
      throw new InvalidRows(
        undefined,
        `the columns of the call cannot be the path ${inQuotes(key)}: each part must be ${fault}`,
      );
    }
    this.#streams.set(key, stream);
    return stream;
  }
}
