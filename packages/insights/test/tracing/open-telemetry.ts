import { createRequire } from 'node:module';
import { type Context, context, propagation, trace } from '@opentelemetry/api';

/** A finished span, as the SDK keeps it. */
export interface FinishedSpan {
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code: number };
  readonly events: readonly { readonly name: string; readonly attributes?: Readonly<Record<string, unknown>> }[];
  readonly parentSpanContext?: { readonly traceId: string; readonly spanId: string };
  spanContext(): { readonly traceId: string; readonly spanId: string; readonly traceFlags: number };
}

interface Sdk {
  readonly NodeTracerProvider: new (options: object) => { register(): void; shutdown(): Promise<void> };
  readonly SimpleSpanProcessor: new (exporter: object) => object;
  readonly InMemorySpanExporter: new () => { getFinishedSpans(): FinishedSpan[] };
  readonly ParentBasedSampler: new (options: object) => object;
  readonly AlwaysOffSampler: new () => object;
  readonly AlwaysOnSampler: new () => object;
}

// The SDK that the package applicationinsights brings.
const sdk = createRequire(require.resolve('applicationinsights'))('@opentelemetry/sdk-trace-node') as Sdk;

/** The SDK of OpenTelemetry, registered as an application does it. */
export class OpenTelemetryBench {
  readonly exporter: InstanceType<Sdk['InMemorySpanExporter']>;
  readonly #provider: InstanceType<Sdk['NodeTracerProvider']>;

  /** @param exporter What takes the spans. */
  constructor(exporter: object = new sdk.InMemorySpanExporter(), { isSampled = true } = {}) {
    this.exporter = exporter as InstanceType<Sdk['InMemorySpanExporter']>;
    const root = isSampled ? new sdk.AlwaysOnSampler() : new sdk.AlwaysOffSampler();
    this.#provider = new sdk.NodeTracerProvider({
      spanProcessors: [new sdk.SimpleSpanProcessor(exporter)],
      sampler: new sdk.ParentBasedSampler({ root }),
    });
    this.#provider.register();
  }

  get spans(): FinishedSpan[] {
    return this.exporter.getFinishedSpans();
  }

  async close(): Promise<void> {
    await this.#provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  }
}

/** Makes the context that exporters run in. */
export const { suppressTracing } = createRequire(require.resolve('applicationinsights'))('@opentelemetry/core') as {
  suppressTracing(active: Context): Context;
};
