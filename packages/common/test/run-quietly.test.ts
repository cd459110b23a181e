import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { type Context, type ContextManager, context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { currentRequest, isQuiet, runQuietly, runWithRequest } from '../src/index.ts';

const API = Symbol.for('opentelemetry.js.api.1');
const globals = globalThis as { [key: symbol]: unknown };

// The package that the SDKs of OpenTelemetry bring, and that they ask whether to make spans.
const { isTracingSuppressed } = createRequire(require.resolve('@opentelemetry/sdk-logs'))('@opentelemetry/core') as {
  isTracingSuppressed(context: Context): boolean;
};

/** As `AsyncLocalStorageContextManager` of `@opentelemetry/context-async-hooks`. */
class Manager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    run: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => run.call(thisArg as ThisParameterType<F>, ...args));
  }
  bind<T>(_: Context, target: T): T {
    return target;
  }
  enable(): this {
    return this;
  }
  disable(): this {
    return this;
  }
}

const later = () => new Promise((resolve) => setTimeout(resolve, 1));
const asThe =
  (id: string) =>
  <T>(run: () => T) =>
    runWithRequest({ requestId: id }, run);

describe('runQuietly', () => {
  afterEach(() => {
    context.disable();
    delete globals[API];
  });

  it('runs outside any request, also behind await and timers, and the caller stays in its own', async () => {
    await asThe('r-1')(async () => {
      const inside = await runQuietly(async () => {
        const seen = [currentRequest(), isQuiet()];
        await later();
        return [...seen, currentRequest(), isQuiet()];
      });
      expect(inside).toEqual([undefined, true, undefined, true]);
      expect(currentRequest()?.requestId).toBe('r-1');
      expect(isQuiet()).toBe(false);
    });
  });

  it('keeps what it started quiet after it has returned', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown[]>();
    asThe('r-1')(() => runQuietly(() => setTimeout(() => resolve([currentRequest(), isQuiet()]), 1)));
    expect(isQuiet()).toBe(false);
    expect(await promise).toEqual([undefined, true]);
  });

  it('gives back what the work returns and throws what it throws', () => {
    const error = new Error('broken');
    const work = () => {
      throw error;
    };
    expect(runQuietly(() => 7)).toBe(7);
    expect(() => runQuietly(work)).toThrow(error);
    context.setGlobalContextManager(new Manager());
    expect(runQuietly(() => 7)).toBe(7);
    expect(() => runQuietly(work)).toThrow(error);
    expect(isQuiet()).toBe(false);
  });

  it('suppresses the tracing of OpenTelemetry and leaves its active span', async () => {
    context.setGlobalContextManager(new Manager());
    const span = trace.wrapSpanContext({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
    });
    const seen = () => [isTracingSuppressed(context.active()), trace.getActiveSpan()];
    await context.with(trace.setSpan(context.active(), span), async () => {
      const inside = await runQuietly(async () => {
        const atOnce = seen();
        await later();
        return [atOnce, seen()];
      });
      expect(inside).toEqual([
        [true, undefined],
        [true, undefined],
      ]);
      expect(seen()).toEqual([false, span]);
    });
  });

  const strange: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['an object without a manager', {}],
    ['a manager that is null', { context: null }],
    ['a manager without methods', { context: {} }],
    ['a context without methods', { context: { active: () => ({}), with: (_: unknown, run: () => void) => run() } }],
    [
      'a manager that throws',
      {
        context: managerThat(() => {
          throw new Error('strange');
        }),
      },
    ],
    [
      'a manager that throws afterwards',
      {
        context: managerThat((run) => {
          run();
          throw new Error('strange');
        }),
      },
    ],
    ['a manager that does not call', { context: managerThat(() => undefined) }],
    [
      'a manager that calls twice',
      {
        context: managerThat((run) => {
          run();
          run();
        }),
      },
    ],
    [
      'a manager that calls while the work runs',
      {
        context: managerThat((run) => {
          again = run;
          run();
        }),
      },
    ],
    [
      'a getter that throws',
      {
        get context() {
          throw new Error('strange');
        },
      },
    ],
  ];
  let again: () => void = () => undefined;

  it.each(strange)('runs the work once whatever is registered as the API: %s', (_, api) => {
    globals[API] = api;
    let runs = 0;
    const result = runQuietly(() => {
      runs += 1;
      again();
      return isQuiet();
    });
    again = () => undefined;
    expect(result).toBe(true);
    expect(runs).toBe(1);
  });

  it.each(strange)('throws what the work throws whatever is registered as the API: %s', (_, api) => {
    globals[API] = api;
    const error = new Error('of the work');
    expect(() =>
      runQuietly(() => {
        throw error;
      }),
    ).toThrow(error);
  });
});

function managerThat(call: (run: () => void) => void) {
  return { active: () => ROOT_CONTEXT, with: (_: unknown, run: () => void) => call(run) };
}
