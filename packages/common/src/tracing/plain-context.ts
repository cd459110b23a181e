import type { OtelContext } from './otel-api.ts';

/** An OpenTelemetry context that does not come from any other: nothing of who started the server is in it. */
export class PlainContext implements OtelContext {
  static readonly root: OtelContext = new PlainContext(new Map());
  readonly #values: ReadonlyMap<symbol, unknown>;

  private constructor(values: ReadonlyMap<symbol, unknown>) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): OtelContext {
    return new PlainContext(new Map(this.#values).set(key, value));
  }

  deleteValue(key: symbol): OtelContext {
    const values = new Map(this.#values);
    values.delete(key);
    return new PlainContext(values);
  }
}
