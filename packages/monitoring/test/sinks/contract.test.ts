import { type Azurite, type BlobFaultProxy, startAzurite } from '@azureml-ts/testing';
import { describeSinkContract } from './contract.ts';
import { blobSubject, directorySubject, memorySubject } from './subjects.ts';

let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite?.close());

/** A fifth of the answers is lost after delivery, a tenth of the requests before it. */
function faults(proxy: BlobFaultProxy): void {
  proxy.inject({ kind: 'loseAnswer', method: 'PUT', probability: 0.2, seed: 7 });
  proxy.inject({ kind: 'cut', probability: 0.1, seed: 11 });
}

describeSinkContract('memory', memorySubject);
describeSinkContract('directory', directorySubject);
describeSinkContract('directory without hard links', () =>
  directorySubject({
    makeLink: async () => {
      throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
    },
  }),
);
describeSinkContract('append blobs', () => blobSubject(azurite, 'append'));
describeSinkContract('block blobs', () => blobSubject(azurite, 'block'));
describeSinkContract('append blobs behind a bad network', () => blobSubject(azurite, 'append', faults));
describeSinkContract('block blobs behind a bad network', () => blobSubject(azurite, 'block', faults));
