import { processSingleton } from '@azureml-ts/common';
import { CallWatch, type WatchSettings } from './call-watch.ts';
import { watchHttpCalls } from './http-calls.ts';
import type { DependencyTarget } from './target.ts';
import { traceHosts } from './trace-hosts.ts';
import { watchUndiciCalls } from './undici-calls.ts';

/** What all started telemetry of a process shares, whichever copy of the package started it. */
interface DependencyRegistry {
  /** In the order of their start: the last one gets the calls. */
  readonly started: WatchSettings[];
  /** The watching, while there is any. */
  watching: Watching | undefined;
}

interface Watching {
  /** Reports to a target what is answered, and nothing more. */
  close(target: DependencyTarget): void;
  stop(): void;
}

const registry = processSingleton<DependencyRegistry>('insights-dependencies', 1, () => ({
  started: [],
  watching: undefined,
}));

/**
 * Reports calls to other services until the returned function is called.
 *
 * @param target Gets one item a call, when its answer is whole, or it failed.
 * @param options `traceContextHosts`: the hosts that are told of the trace; all when left out.
 *   `telemetryHost`: where the telemetry itself goes to.
 * @throws {@link ValidationError} `VALIDATION`.
 * @internal
 */
export function captureDependencies(
  target: DependencyTarget,
  options: {
    readonly traceContextHosts?: readonly string[] | undefined;
    readonly telemetryHost?: string | undefined;
  } = {},
): () => void {
  const { traceContextHosts, telemetryHost } = options;
  const settings: WatchSettings = { target, tellsTrace: traceHosts(traceContextHosts), telemetryHost };
  registry.started.push(settings);
  registry.watching ??= watchCalls();
  return () => {
    const at = registry.started.indexOf(settings);
    if (at === -1) {
      return;
    }
    registry.started.splice(at, 1);
    registry.watching?.close(target);
    if (registry.started.length === 0) {
      registry.watching?.stop();
      registry.watching = undefined;
    }
  };
}

function watchCalls(): Watching {
  const watch = new CallWatch(
    () => registry.started.at(-1),
    (host) => registry.started.some(({ telemetryHost }) => telemetryHost === host),
  );
  const stops = [watchHttpCalls(watch), watchUndiciCalls(watch)];
  return {
    close(target) {
      for (const call of watch.underWay) {
        call.close(target);
      }
    },
    stop() {
      for (const stop of stops) {
        stop();
      }
    },
  };
}
