import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { AzuremlError, errorMessage, inspectSafely, isAzuremlError, ValidationError } from '../src/errors.ts';

describe('AzuremlError', () => {
  const error = new AzuremlError('CONFLICT', 'Changed in between at https://a/b?sig=abc123. Read it again.', {
    cause: new Error('AccountKey=verysecret== was refused'),
    details: { name: 'svc' },
    retryable: true,
    statusCode: 409,
    requestId: 'r-1',
  });

  it('keeps secrets out of its message, its JSON and its inspected form, with those of its cause', () => {
    for (const text of [error.message, JSON.stringify(error), inspect(error), String(error)]) {
      expect(text).not.toMatch(/abc123|verysecret/);
    }
  });

  it('shows its facts to people and to programs', () => {
    expect(error.toJSON()).toEqual({
      name: 'AzuremlError',
      code: 'CONFLICT',
      message: 'Changed in between at https://a/b?sig=[redacted]. Read it again.',
      retryable: true,
      statusCode: 409,
      requestId: 'r-1',
      details: { name: 'svc' },
      cause: 'AccountKey=[redacted] was refused',
    });
    expect(inspect(error)).toContain("code: 'CONFLICT'");
  });

  it('is recognised by its brand, not by its class', () => {
    const fromAnotherCopy = Object.assign(new Error('x'), {
      [Symbol.for('@azureml-ts/error')]: true,
      code: 'CONFLICT',
    });
    expect(isAzuremlError(fromAnotherCopy)).toBe(true);
    expect(isAzuremlError(fromAnotherCopy, 'CONFLICT')).toBe(true);
    expect(isAzuremlError(fromAnotherCopy, 'OTHER')).toBe(false);
    expect(isAzuremlError(new Error('x'))).toBe(false);
    expect(isAzuremlError(null)).toBe(false);
    const trap = new Proxy(
      {},
      {
        get() {
          throw new Error('no');
        },
      },
    );
    expect(isAzuremlError(trap)).toBe(false);
  });
});

describe('ValidationError', () => {
  it('names the field, what was expected and what came', () => {
    const error = new ValidationError({ path: 'port', expected: 'an integer from 1 to 65535', received: '80' });
    expect(error.message).toBe("port must be an integer from 1 to 65535, but is '80'.");
    expect(error).toMatchObject({ code: 'VALIDATION', path: 'port', details: { received: "'80'" } });
  });
});

describe('errorMessage', () => {
  it('speaks for an AggregateError that says nothing itself', () => {
    const refused = new AggregateError([
      new Error('connect ECONNREFUSED ::1:1'),
      new Error('connect ECONNREFUSED 127.0.0.1:1'),
    ]);
    expect(errorMessage(refused)).toBe('connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1');
  });

  it('is the message, without a stack, of an error of another realm', () => {
    expect(errorMessage(runInNewContext("new RangeError('too far')"))).toBe('too far');
  });

  it('never throws, whatever was thrown', () => {
    const broken = {
      [inspect.custom]() {
        throw new Error('no');
      },
    };
    const messageIsObject = Object.assign(new Error('x'), { message: { a: 1 } });
    const throwing = Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('no');
      },
    });
    for (const value of [broken, messageIsObject, throwing, Object.create(null), Symbol('s'), new Proxy({}, {})]) {
      expect(typeof errorMessage(value)).toBe('string');
      expect(typeof inspectSafely(value)).toBe('string');
    }
    expect(inspectSafely(new Error('AccountKey=secret1=='))).toMatch(/AccountKey=\[redacted\]\n\s+at /);
  });

  it('takes whatever was thrown', () => {
    expect(errorMessage('text')).toBe('text');
    expect(errorMessage({ a: 1 })).toBe('{ a: 1 }');
    expect(errorMessage(undefined)).toBe('undefined');
  });
});
