import type { OtelSpan, OtelSpanContext } from './otel-api.ts';

/** A span that only names its ids, so that others become its children; it records nothing. */
export class NamedSpan implements OtelSpan {
  readonly #context: OtelSpanContext;

  constructor(context: OtelSpanContext) {
    this.#context = context;
  }

  spanContext(): OtelSpanContext {
    return this.#context;
  }

  isRecording(): boolean {
    return false;
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  setStatus(): this {
    return this;
  }

  updateName(): this {
    return this;
  }

  recordException(): void {
    // It records nothing.
  }

  end(): void {
    // It records nothing.
  }
}
