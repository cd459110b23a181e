import type { CollectedContext } from '@azureml-ts/monitoring';
import type { SidecarRecord } from '@azureml-ts/testing';
import { anyObject } from '../strict.ts';
import { type TokenPair, tokenPairs } from './body-tokens.ts';
import type { Played } from './play-case.ts';
import type { RecordedCase, RecordedRequest, RecordedStep } from './recorded-case.ts';

/** One difference between what was recorded and what ours did. */
export interface CollectorDifference {
  readonly kind:
    | 'raised'
    | 'errors'
    | 'enabled'
    | 'accepted'
    | 'returned'
    | 'setting'
    | 'sender'
    | 'missing request'
    | 'further request'
    | 'repeated request'
    | 'request'
    | 'header'
    | 'body'
    | 'printed';
  /** The step that it is of. */
  readonly step?: RecordedStep;
  /** Name of a header, a field or a setting. */
  readonly field?: string;
  /** What differs within a body, where both are built alike. */
  readonly tokens?: TokenPair;
  /** A request of ours. */
  readonly request?: SidecarRecord;
  readonly recorded: unknown;
  readonly ours: unknown;
}

/** Headers that belong to the client, the library below it or the run. */
const NOT_COMPARED = new Set(['host', 'user-agent', 'accept-encoding', 'ce-collect-data-type', 'trace-id']);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Finds every difference in a case. */
export function findCollectorDifferences(recorded: RecordedCase, played: Played): CollectorDifference[] {
  const steps = recorded.steps ?? [];
  return [
    ...steps.flatMap((step, index) => stepDifferences(step, played, index)),
    ...requestDifferences(recorded, played.requests),
    ...(recorded.printed.join('\n') === played.printed.join('\n')
      ? []
      : [{ kind: 'printed' as const, recorded: recorded.printed, ours: played.printed }]),
  ];
}

function stepDifferences(step: RecordedStep, played: Played, index: number): CollectorDifference[] {
  const { expect } = step;
  const result = played.results[index];
  const differences: CollectorDifference[] = [];
  const add = (kind: CollectorDifference['kind'], ours: unknown, value: unknown, field?: string) => {
    if (JSON.stringify(ours ?? null) !== JSON.stringify(value ?? null)) {
      differences.push({ kind, step, recorded: value, ours, ...(field === undefined ? {} : { field }) });
    }
  };
  if (expect['raised'] !== undefined) {
    // Ours never raises: that a rule has to say.
    const { meaning } = anyObject(expect['raised'], 'raised');
    return [{ kind: 'raised', step, recorded: meaning, ours: result?.errors[0] ?? null }];
  }
  switch (step.do) {
    case 'construct':
      add('enabled', result?.enabled, expect['enabled']);
      add('errors', result?.errors, meaningsOf(expect['errors']));
      break;
    case 'collect':
      if (step.fields['repeat'] === undefined) {
        add('errors', result?.errors, meaningsOf(expect['errors']));
      } else {
        const { count, first } = anyObject(expect['errors'], 'errors');
        const meaning = first === null ? null : anyObject(first, 'first')['meaning'];
        add('errors', [result?.errors.length, result?.errors[0] ?? null], [count, meaning]);
      }
      if (expect['accepted'] !== undefined) {
        add('accepted', result?.accepted, expect['accepted']);
      }
      differences.push(...returnedDifferences(step, result?.returned));
      break;
    case 'inspect':
      for (const [field, value] of Object.entries(expect)) {
        differences.push({ kind: 'setting', step, field, recorded: value, ours: null });
      }
      break;
    case 'wait':
      if (expect['senderAlive'] === false) {
        differences.push({ kind: 'sender', step, recorded: false, ours: true });
      }
      break;
  }
  return differences;
}

function meaningsOf(errors: unknown): unknown[] {
  return Array.isArray(errors) ? errors.map((error) => anyObject(error, 'an error')['meaning']) : [];
}

function returnedDifferences(step: RecordedStep, returned: CollectedContext | undefined): CollectorDifference[] {
  const recorded = anyObject(step.expect['returned'], 'returned');
  const ours: Record<string, unknown> = {
    class: 'CollectedContext',
    id: returned?.getId(),
    timestamp: returned?.getTimestamp(),
    headers: returned?.getHeaders(),
    sameAs: null,
    isSuccess: returned?.isSuccess(),
    message: returned?.message,
  };
  return Object.entries(recorded).flatMap(([field, value]): CollectorDifference[] => {
    const own = ours[field];
    const isSame =
      JSON.stringify(value) === JSON.stringify(own ?? null) ||
      (value === '{uuid}' && UUID.test(String(own))) ||
      (value === '{now}' && Math.abs(Number(own) - Date.now() / 1_000) < 60) ||
      // The words of an error are its own; what it means is compared.
      (field === 'message' && recorded['isSuccess'] === false && own !== 'accepted' && value !== 'dropped_sampling');
    return isSame ? [] : [{ kind: 'returned', step, field, recorded: value, ours: own ?? null }];
  });
}

function requestDifferences(recorded: RecordedCase, requests: readonly SidecarRecord[]): CollectorDifference[] {
  const differences: CollectorDifference[] = [];
  const seen = new Set<string | undefined>();
  const ours: SidecarRecord[] = [];
  for (const request of requests) {
    const id = request.header('trace-id');
    if (seen.has(id)) {
      differences.push({ kind: 'repeated request', request, recorded: undefined, ours: request.body });
    } else {
      ours.push(request);
    }
    seen.add(id);
  }
  const count = recorded.hasAllRequests ? Math.max(recorded.requests.length, ours.length) : recorded.requests.length;
  for (let index = 0; index < count; index += 1) {
    const [left, right] = [recorded.requests[index], ours[index]];
    if (left === undefined) {
      differences.push({
        kind: 'further request',
        ...(right && { request: right }),
        recorded: undefined,
        ours: right?.body,
      });
    } else if (right === undefined) {
      differences.push({ kind: 'missing request', recorded: left.body, ours: undefined });
    } else {
      differences.push(...comparePair(recorded, left, right));
    }
  }
  return differences;
}

function comparePair(recorded: RecordedCase, left: RecordedRequest, right: SidecarRecord): CollectorDifference[] {
  const differences: CollectorDifference[] = [];
  for (const field of ['method', 'path'] as const) {
    if (left[field] !== right[field]) {
      differences.push({ kind: 'request', field, recorded: left[field], ours: right[field] });
    }
  }
  const names = new Set([...left.headers, ...right.headers].map(([name]) => name.toLowerCase()));
  for (const name of names) {
    const values = [left.headers, right.headers].map((pairs) =>
      pairs
        .filter(([other]) => other.toLowerCase() === name)
        .map(([, value]) => value)
        .join(),
    );
    const [old = '', own = ''] = values;
    if (
      !NOT_COMPARED.has(name) &&
      old !== own &&
      !isOfTheRun(recorded, name, old, own) &&
      !(name === 'content-length' && left.body !== right.body)
    ) {
      differences.push({ kind: 'header', field: name, request: right, recorded: old, ours: own });
    }
  }
  if (left.body !== right.body) {
    const pairs = tokenPairs(left.body, right.body);
    differences.push(
      ...(pairs ?? [undefined]).map(
        (tokens): CollectorDifference => ({
          kind: 'body',
          request: right,
          ...(tokens === undefined ? {} : { tokens }),
          recorded: tokens?.recorded ?? left.body,
          ours: tokens?.ours ?? right.body,
        }),
      ),
    );
  }
  return differences;
}

/** What the collector makes up where the caller gave nothing. */
function isOfTheRun({ steps }: RecordedCase, name: string, old: string, own: string): boolean {
  const given = (steps ?? []).flatMap(({ fields }) => {
    const { new: made } = (fields['context'] ?? {}) as {
      readonly new?: { readonly id?: unknown; readonly timestamp?: unknown };
    };
    return made === undefined ? [] : [String(made.id), String(made.timestamp)];
  });
  return (
    (name === 'ce-x-request-id' && UUID.test(old) && UUID.test(own)) ||
    (name === 'ce-time' && /^\d+$/.test(own) && !given.includes(old) && Math.abs(Number(own) - Date.now() / 1_000) < 60)
  );
}

/** A difference in one line. */
export function collectorDifferenceLine({ kind, step, field, recorded, ours }: CollectorDifference): string {
  const place = [step?.do, field].filter((part) => part !== undefined).join(' ');
  return `${kind}${place === '' ? '' : ` of ${place}`}: recorded ${short(recorded)}, ours ${short(ours)}`;
}

function short(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
