import { AzuremlError, ValidationError } from '@azureml-ts/common';
import { exitCodeOf } from '../src/exit-codes.ts';

describe('exitCodeOf', () => {
  it.each<[error: unknown, exitCode: number]>([
    [new ValidationError({ path: 'a', expected: 'b' }), 2],
    [new AzuremlError('CONNECTION_STRING_INVALID', 'x'), 2],
    [new AzuremlError('WEBSERVICE_NOT_FOUND', 'x'), 4],
    [new AzuremlError('DEPLOYMENT_FAILED', 'x', { statusCode: 403 }), 1],
    [new AzuremlError('REQUEST_FAILED', 'x', { statusCode: 403 }), 3],
    [new AzuremlError('REQUEST_FAILED', 'x', { statusCode: 503 }), 5],
    [Object.assign(new Error('from a client'), { statusCode: 404 }), 4],
    [Object.assign(new Error('from a client'), { statusCode: 401 }), 3],
    [new Error('other'), 5],
    ['text', 5],
    [undefined, 5],
  ])('%p', (error, exitCode) => {
    expect(exitCodeOf(error)).toBe(exitCode);
  });
});
