import { AzuremlError } from '@azureml-ts/common';
import { writeError } from '../../src/output/error-lines.ts';
import { RecordedIo } from '../recorded-io.ts';

const error = new AzuremlError('UPLOAD_FAILED', '100% lost\nwith AccountKey=c2VjcmV0;');

describe('writeError', () => {
  it('writes message and code without secrets', () => {
    const io = new RecordedIo();
    writeError(io, error);
    expect(io.error).toBe('azureml-ts: 100% lost with AccountKey=[redacted]; [UPLOAD_FAILED]\n');
  });

  it('writes the request id and the operation id', () => {
    const io = new RecordedIo({ GITHUB_ACTIONS: 'true' });
    const details = { operationId: 'op-1' };
    writeError(io, new AzuremlError('SERVICE_FAILED', 'Quote the request id.', { requestId: 'req-1\n::x', details }));
    expect(io.error.split('\n')[0]).toBe(
      'azureml-ts: Quote the request id. (request id req-1 ::x, operation id op-1) [SERVICE_FAILED]',
    );
    expect(io.error.split('\n')).toHaveLength(3);
  });

  it('gives an error without a code the given one', () => {
    const io = new RecordedIo();
    writeError(io, 'what', 'USAGE');
    expect(io.error).toBe('azureml-ts: what [USAGE]\n');
  });

  it('leaves nothing in the line that steers a build system or a terminal', () => {
    const io = new RecordedIo();
    writeError(io, 'column "b\r\n##vso[task.setvariable variable=X]evil\n::stop-commands::x\u001b[2J\u2028" ##[error]');
    expect(io.error).toBe(
      'azureml-ts: column "b # #vso[task.setvariable variable=X]evil ::stop-commands::x [2J " # #[error]\n',
    );
  });

  it('adds an annotation of one line in GitHub Actions', () => {
    const io = new RecordedIo({ GITHUB_ACTIONS: 'true' });
    writeError(io, error);
    expect(io.error).toContain(
      '\n::error title=azureml-ts::100%25 lost%0Awith AccountKey=[redacted]; [UPLOAD_FAILED]\n',
    );
  });

  it('leaves no command for another system in an annotation', () => {
    const io = new RecordedIo({ GITHUB_ACTIONS: 'true', TF_BUILD: 'True' });
    writeError(io, 'a ##vso[task.complete] b');
    expect(io.error.match(/##vso\[/g)).toHaveLength(1);
    expect(io.error).toContain('\n##vso[task.logissue type=error;]a # #vso[task.complete] b\n');
  });

  it('adds an issue of one line in Azure Pipelines', () => {
    const io = new RecordedIo({ TF_BUILD: 'True' });
    writeError(io, error);
    expect(io.error).toContain('##vso[task.logissue type=error;code=UPLOAD_FAILED;]100%AZP25 lost%0Awith ');
  });
});
