import { AzuremlError } from '@azureml-ts/common';
import { errorText, errorTextWithIds } from '../../src/output/error-text.ts';

const of = (code: string, message: string) => errorText(new AzuremlError(code, message));

describe('the text of an error', () => {
  it.each([
    [
      'TIMEOUT',
      'It did not end. Raise timeoutMs.',
      'It did not end. Give a longer --timeout where the command has it.',
    ],
    [
      'WEBSERVICE_NOT_FOUND',
      'Check the name (Webservice.list() gives all of them) and the workspace.',
      'Check the name (azureml-ts service list gives all of them) and the workspace.',
    ],
    [
      'WEBSERVICE_NOT_FOUND',
      'Check the name; deployments({ refresh: true }) names those that are there.',
      'Check the name; azureml-ts service show names those that are there.',
    ],
    [
      'AMBIGUOUS_NAME',
      "Say which one you mean, for example { kind: 'AksWebservice' }.",
      'Say which one you mean, for example --kind AksWebservice.',
    ],
    ['SCORING_FAILED', 'Correct the input and call run() again.', 'Correct the input and run the command again.'],
    ['DEPLOYMENT_FAILED', 'Call delete() again; it may do.', 'Run the command again; it may do.'],
    [
      'WEBSERVICE_EXISTS',
      'Set overwrite: true to replace it, or deploy with another deploymentName and shift the traffic.',
      'Give --overwrite to replace it, or deploy with another name in the file and shift the traffic.',
    ],
  ])('of the code %s names options and commands: %s', (code, message, expected) => {
    expect(of(code, message)).toBe(expected);
  });

  it('leaves the words of another code, and of what is no error of the library, as they are', () => {
    expect(of('VALIDATION', 'Raise timeoutMs.')).toBe('Raise timeoutMs.');
    expect(errorText(new Error('Raise timeoutMs.'))).toBe('Raise timeoutMs.');
    expect(errorTextWithIds('text')).toBe('text');
  });

  it('has the ids that support asks for, each once', () => {
    const details = { operationId: 'op-1' };
    const both = new AzuremlError('X', 'It failed.', { requestId: 'req-1', details });
    expect(errorTextWithIds(both)).toBe('It failed. (request id req-1, operation id op-1)');
    const told = new AzuremlError('X', 'Request req-1 failed.', { requestId: 'req-1' });
    expect(errorTextWithIds(told)).toBe('Request req-1 failed.');
  });
});
