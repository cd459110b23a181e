import type { RequestTelemetry } from '../types.ts';
import { parsedBody } from './body-text.ts';
import type { SerializedItem, TelemetryItem } from './envelope.ts';
import { isoTimeBytes } from './iso-time.ts';
import { serialized } from './item-draft.ts';
import type { TemplatePart } from './item-template.ts';
import type { JsonBytes } from './json-bytes.ts';
import { DURATION_DIGITS } from './request-templates.ts';
import { telemetryOf, type UsualRequest } from './usual-request.ts';

/** How the item of a request is made. @internal */
export interface UsualItemParts {
  /** Copies its template. @returns `false` when what it wrote cannot be used. */
  readonly copy: (out: JsonBytes, usual: UsualRequest) => boolean;
  /** Makes it the long way. */
  readonly make: (telemetry: RequestTelemetry, now: number) => Pick<TelemetryItem, 'writeTo'>;
}

/** A copy of a template. An id that does not stand for itself in JSON has it made the long way. @internal */
export class UsualItem implements TelemetryItem {
  readonly #usual: UsualRequest;
  readonly #parts: UsualItemParts;

  constructor(usual: UsualRequest, parts: UsualItemParts) {
    this.#usual = usual;
    this.#parts = parts;
  }

  writeTo(out: JsonBytes): void {
    const start = out.length;
    if (!this.#parts.copy(out, this.#usual)) {
      out.cut(start);
      this.#parts.make(telemetryOf(this.#usual), this.#usual.reportedAt).writeTo(out);
    }
  }

  serialize(): SerializedItem {
    return serialized(this);
  }
}

/** Copies the item of a request. @internal */
export function copyRequest(out: JsonBytes, usual: UsualRequest): boolean {
  const { templates, time, traceId, parentSpanId, spanId, ticks, requestId, clientRequestId } = usual;
  const { request, timeAt } = templates;
  const start = out.length;
  out.piece(request.bytes);
  out.overwriteBytes(start + timeAt.request, isoTimeBytes(time));
  let index = 0;
  let isPlain = out.overwrite(start + placeOf(request, index++), traceId);
  if (parentSpanId !== undefined) {
    isPlain = out.overwrite(start + placeOf(request, index++), parentSpanId) && isPlain;
  }
  isPlain = out.overwrite(start + placeOf(request, index++), spanId) && isPlain;
  out.overwriteDigits(start + placeOf(request, index++), DURATION_DIGITS, ticks);
  isPlain = out.overwrite(start + placeOf(request, index++), requestId) && isPlain;
  return clientRequestId === undefined
    ? isPlain
    : out.overwrite(start + placeOf(request, index), clientRequestId) && isPlain;
}

/** Copies the trace of the bodies of a request. @internal */
export function copyBodies(out: JsonBytes, usual: UsualRequest): boolean {
  const { templates, reportedAt, traceId, spanId, requestId, clientRequestId, input, output, isOutputJson } = usual;
  const { bodies, betweenBodies, behindBodies, timeAt } = templates;
  const start = out.length;
  out.piece(bodies.bytes);
  out.overwriteBytes(start + timeAt.bodies, isoTimeBytes(reportedAt));
  let isPlain = out.overwrite(start + placeOf(bodies, 0), traceId);
  isPlain = out.overwrite(start + placeOf(bodies, 1), spanId) && isPlain;
  if (input !== undefined) {
    writeBody(out, input, false);
  }
  if (betweenBodies !== undefined) {
    out.piece(betweenBodies.bytes);
  }
  if (output !== undefined) {
    writeBody(out, output, isOutputJson);
  }
  const behind = out.length;
  out.piece(behindBodies.bytes);
  isPlain = out.overwrite(behind + placeOf(behindBodies, 0), requestId) && isPlain;
  return clientRequestId === undefined
    ? isPlain
    : out.overwrite(behind + placeOf(behindBodies, 1), clientRequestId) && isPlain;
}

function placeOf({ places }: TemplatePart, index: number): number {
  return places[index] ?? 0;
}

function writeBody(out: JsonBytes, body: string, isJson: boolean): void {
  out.text(isJson || parsedBody(body) !== undefined ? body : JSON.stringify(body));
}
