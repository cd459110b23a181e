import fc from 'fast-check';
import { isJsonObject, type JsonObject } from '../../src/azure/json-object.ts';
import {
  buildJsonPatch,
  type FieldWish,
  fieldAt,
  fieldChanges,
  type JsonPatchStep,
} from '../../src/classic/json-patch.ts';

/** Applies a patch as RFC 6902 says, by another way than the one that is tested; throws where it says that must fail. */
function applied(resource: JsonObject, patch: readonly JsonPatchStep[]): JsonObject {
  const result: JsonObject = JSON.parse(JSON.stringify(resource));
  for (const step of JSON.parse(JSON.stringify(patch)) as JsonPatchStep[]) {
    const [, ...names] = step.path.split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = names.pop() ?? '';
    let owner: unknown = result;
    for (const name of names) {
      owner = isJsonObject(owner) && Object.hasOwn(owner, name) ? owner[name] : undefined;
    }
    if (!isJsonObject(owner) || (step.op !== 'add' && !Object.hasOwn(owner, last))) {
      throw new Error(`${step.op} of ${step.path} leads nowhere`);
    }
    if (step.op === 'remove') {
      delete owner[last];
    } else {
      Object.defineProperty(owner, last, { value: step.value, enumerable: true, writable: true, configurable: true });
    }
  }
  return result;
}

const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 6 }),
  fc.constantFrom('a/b', 'c~d', '~1', '__proto__', 'constructor', '', '%2F', 'properties'),
);
const value = fc.jsonValue({ maxDepth: 2 });
/** Objects three levels deep, with nulls and other values where a caller expects an object. */
const resource = fc.dictionary(
  fc.constantFrom('autoScaler', 'dataCollection', 'properties', 'kvTags', 'x/y'),
  fc.oneof(value, fc.dictionary(name, fc.oneof(value, fc.dictionary(name, value, { maxKeys: 3 })), { maxKeys: 4 })),
) as fc.Arbitrary<JsonObject>;
const path = fc
  .tuple(
    fc.constantFrom('autoScaler', 'dataCollection', 'properties', 'kvTags', 'x/y'),
    fc.array(name, { minLength: 0, maxLength: 2 }),
  )
  .map(([root, rest]) => [root, ...rest]);
/** Wishes for different fields, none inside another. */
const wishes: fc.Arbitrary<FieldWish[]> = fc.uniqueArray(
  fc.record({ path, value, op: fc.constantFrom(undefined, 'add' as const) }),
  { maxLength: 6, comparator: (left, right) => isInside(left.path, right.path) || isInside(right.path, left.path) },
);

function isInside(outer: readonly string[], inner: readonly string[]): boolean {
  return outer.every((part, index) => inner[index] === part);
}

describe('a JSON Patch', () => {
  it('can be applied, and fulfils every wish', () => {
    fc.assert(
      fc.property(resource, wishes, (before, wanted) => {
        const after = applied(before, buildJsonPatch(before, wanted));
        for (const { path, value } of wanted) {
          expect(JSON.stringify(fieldAt(after, path))).toBe(JSON.stringify(value));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('changes nothing else, and not the resource that was read', () => {
    fc.assert(
      fc.property(resource, wishes, (before, wanted) => {
        const copy = JSON.stringify(before);
        const after = applied(before, buildJsonPatch(before, wanted));
        // Takes the wishes back: what is left must be what was there, but for the objects that had to be added around.
        const back = applied(
          after,
          wanted.map(({ path }) =>
            fieldAt(before, path) === undefined
              ? { op: 'remove', path: pointer(path) }
              : { op: 'replace', path: pointer(path), value: fieldAt(before, path) },
          ),
        );
        const isObjectAround = ({ path }: FieldWish) =>
          path.slice(1).every((_, index) => isJsonObject(fieldAt(before, path.slice(0, index + 1))));
        if (wanted.every(isObjectAround)) {
          expect(sorted(back)).toBe(sorted(before));
        }
        expect(JSON.stringify(before)).toBe(copy);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reports what differs: the same as before and after show', () => {
    fc.assert(
      fc.property(resource, wishes, (before, wanted) => {
        const changes = fieldChanges(before, wanted);
        for (const { path, value } of wanted) {
          const isThere = changes.some((change) => change.path === pointer(path));
          expect(isThere).toBe(sorted(fieldAt(before, path)) !== sorted(value));
        }
      }),
    );
  });

  it('adds a missing object once, with all that is wished for inside it', () => {
    const wanted: FieldWish[] = [
      { path: ['autoScaler', 'autoscaleEnabled'], value: true },
      { path: ['scoringTimeoutMs'], value: 5 },
      { path: ['autoScaler', 'maxReplicas'], value: 4 },
      { path: ['properties', 'a/b'], value: '1', op: 'add' },
    ];

    expect(buildJsonPatch({ autoScaler: null, scoringTimeoutMs: 1, properties: {} }, wanted)).toEqual([
      { op: 'add', path: '/autoScaler', value: { autoscaleEnabled: true, maxReplicas: 4 } },
      { op: 'replace', path: '/scoringTimeoutMs', value: 5 },
      { op: 'add', path: '/properties/a~1b', value: '1' },
    ]);
  });

  it('masks secrets in the report', () => {
    const wanted: FieldWish[] = [{ path: ['sslKey'], value: 'new secret', isSecret: true }];

    expect(fieldChanges({ sslKey: 'old secret' }, wanted)).toEqual([
      { path: '/sslKey', from: '[redacted]', to: '[redacted]' },
    ]);
    expect(fieldChanges({ sslKey: '' }, wanted)).toEqual([{ path: '/sslKey', from: '', to: '[redacted]' }]);
  });
});

function pointer(path: readonly string[]): string {
  return path.map((part) => `/${part.replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
}

function sorted(given: unknown): string | undefined {
  return JSON.stringify(given, (_, part) =>
    isJsonObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
