import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AzuremlError, errorMessage } from '@azureml-ts/common';

/** A certificate for this machine, and the file that other processes read it from. @internal */
export interface LoopbackCertificate {
  readonly key: string;
  readonly cert: string;
  readonly file: string;
  remove(): Promise<void>;
}

/**
 * Makes a certificate for 127.0.0.1 and localhost.
 *
 * @throws {@link AzuremlError} `STAND_IN_START_FAILED` when `selfsigned` is not installed.
 * @internal
 */
export async function makeCertificate(): Promise<LoopbackCertificate> {
  const loaded = await import('selfsigned').catch((error: unknown) => {
    throw new AzuremlError(
      'STAND_IN_START_FAILED',
      `The stand-in serves https with the package selfsigned, which could not be loaded: ${errorMessage(error)}. ` +
        'Add it: npm install --save-dev selfsigned',
      { cause: error },
    );
  });
  const { private: key, cert } = await loaded.generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  const folder = await mkdtemp(join(tmpdir(), 'azureml-stand-in-'));
  const file = join(folder, 'certificate.pem');
  await writeFile(file, cert, { mode: 0o600 });
  return { key, cert, file, remove: () => rm(folder, { recursive: true, force: true }) };
}
