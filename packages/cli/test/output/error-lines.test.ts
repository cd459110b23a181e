import { AzuremlError } from '@azureml-ts/common';
import { writeError } from '../../src/output/error-lines.ts';
import { RecordedIo } from '../recorded-io.ts';

const error = new AzuremlError('UPLOAD_FAILED', '100% lost\nwith AccountKey=c2VjcmV0;');

describe('writeError', () => {
  it('writes message and code without secrets', () => {
    const io = new RecordedIo();
    writeError(io, error);
    expect(io.error).toBe('azureml-ts: 100% lost\nwith AccountKey=[redacted]; [UPLOAD_FAILED]\n');
  });

  it('adds an annotation of one line in GitHub Actions', () => {
    const io = new RecordedIo({ GITHUB_ACTIONS: 'true' });
    writeError(io, error);
    expect(io.error).toContain(
      '\n::error title=azureml-ts::100%25 lost%0Awith AccountKey=[redacted]; [UPLOAD_FAILED]\n',
    );
  });

  it('adds an issue of one line in Azure Pipelines', () => {
    const io = new RecordedIo({ TF_BUILD: 'True' });
    writeError(io, error);
    expect(io.error).toContain('##vso[task.logissue type=error;code=UPLOAD_FAILED;]100%AZP25 lost%0Awith ');
  });
});
