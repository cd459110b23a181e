import { inspect } from 'node:util';
import fc from 'fast-check';
import { answerFailure, requestFailure } from '../../src/azure/request-failure.ts';
import { faultDetails, readFault } from '../../src/azure/service-fault.ts';

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'];
const text = (minLength: number, maxLength: number, more = '') =>
  fc.array(fc.constantFrom(...letters, ...more), { minLength, maxLength }).map((parts) => parts.join(''));

/** How services and proxies quote secrets, and what must not be seen of each. */
const dressed = fc.oneof(
  text(40, 88, '+/').map((key) => ({ secret: key, quoted: `DefaultEndpointsProtocol=https;AccountKey=${key}==;X=y` })),
  text(40, 60).map((sig) => ({ secret: sig, quoted: `https://a.blob.core.windows.net/c?sv=2024&sig=${sig}%3D&se=1` })),
  text(20, 60, '-_').map((token) => ({ secret: token, quoted: `Authorization: Bearer ${token}` })),
  fc
    .tuple(text(20, 30), text(20, 40), text(20, 40, '-_'))
    .map(([header, payload, end]) => ({ secret: payload, quoted: `token eyJ${header}.eyJ${payload}.${end}` })),
  text(8, 40).map((password) => ({ secret: password, quoted: `https://user:${password}@proxy.example.com/` })),
  text(8, 40).map((secret) => ({ secret, quoted: `client_secret=${secret}` })),
  text(8, 40).map((secret) => ({ secret, quoted: `{"primaryKey": "${secret}"}` })),
);
const around = fc.string({ unit: fc.constantFrom(...letters, ' ', '"', "'", '\\', '\n', '{', '}', '<', 'é') });

/** All that anybody can see of an error. */
const shown = (error: unknown) => {
  const { message, stack, details } = error as Error & { details: unknown };
  return [message, stack, inspect(error, { depth: 9 }), JSON.stringify(error), JSON.stringify(details)].join('\n');
};

/** What is cut must not show a part of it either. */
const begun = (secret: string) => secret.slice(0, 8);

const bodies = fc
  .tuple(dressed, around, around, fc.constantFrom('plain', 'message', 'details', 'named', 'classic', 'far', 'page'))
  .map(([{ secret, quoted }, before, after, place]) => {
    const told = `${before} ${quoted} ${after}`;
    const body = {
      plain: told,
      message: JSON.stringify({ error: { code: 'Bad', message: told } }),
      details: JSON.stringify({
        error: { code: 'Bad', message: 'no', details: [{ code: 'x', message: told, deep: [told] }] },
      }),
      named: JSON.stringify({ error: { code: 'Bad', details: { keys: [{ primaryKey: secret }], password: secret } } }),
      classic: JSON.stringify({ code: 'Bad', statusCode: 400, message: told, details: [{ message: told }] }),
      // Cut in the middle of the secret, which must not keep it from being recognised.
      far: `${'x'.repeat(Math.max(0, 2_000 - Math.floor(quoted.length / 2)))} ${quoted}`,
      page: `<html>${told}</html>`,
    }[place];
    return { secret, body };
  });

describe('errors of requests', () => {
  it('never show a secret that an answer quotes', () => {
    fc.assert(
      fc.property(bodies, fc.constantFrom(400, 403, 404, 409, 500), ({ secret, body }, status) => {
        const error = answerFailure({ status, header: () => undefined, text: body }, { what: 'Asking' });
        expect(shown(error)).not.toContain(begun(secret));
        expect(JSON.stringify(faultDetails(readFault(body)))).not.toContain(begun(secret));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never show a secret that the error of a client quotes', () => {
    fc.assert(
      fc.property(
        bodies,
        fc.constantFrom('RestError', 'AuthenticationError', 'CredentialUnavailableError'),
        ({ secret, body }, name) => {
          const cause = Object.assign(new Error(body), { name, code: 'ENOTFOUND' });
          expect(shown(requestFailure(cause, { what: 'Asking' }))).not.toContain(begun(secret));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('never show a secret that the request names, wherever the answer quotes it', () => {
    const secrets = fc.array(fc.string({ unit: 'grapheme', minLength: 6, maxLength: 30 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(secrets, fc.constantFrom('plain', 'message', 'details', 'other'), (given, place) => {
        const marked = given.map((secret) => `${secret}\u2603`);
        const told = marked.join(' ');
        const text = {
          plain: `It said: ${told}`,
          message: JSON.stringify({ error: { code: told, message: told, target: told } }),
          details: JSON.stringify({ error: { code: 'Bad', message: 'no', details: [{ [told]: [told] }] } }),
          other: JSON.stringify({ Reason: told }),
        }[place];
        const error = answerFailure(
          { status: 400, header: () => undefined, text },
          { what: 'Asking', secrets: marked },
        );
        expect(shown(error)).not.toContain('\u2603');
      }),
      { numRuns: 500 },
    );
  });

  it('keep what is no secret', () => {
    const body = JSON.stringify({
      error: {
        code: 'Bad',
        message: 'The sku "F4" is unknown.',
        details: [{ code: 'x', target: 'sku', n: 1, b: false, z: null }],
      },
    });

    expect(answerFailure({ status: 400, header: () => undefined, text: body }, { what: 'Asking' })).toMatchObject({
      message: 'Asking failed with status 400 (Bad): The sku "F4" is unknown. Correct what the message names.',
      details: { code: 'Bad', details: [{ code: 'x', target: 'sku', n: 1, b: false, z: null }] },
    });
  });
});
