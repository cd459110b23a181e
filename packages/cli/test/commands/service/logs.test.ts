import type { AzureStandIn } from '@azureml-ts/testing';
import { ioFor } from '../../recorded-io.ts';
import { run, runJson, startLoans } from './service-commands.ts';

let standIn: AzureStandIn;

beforeEach(async () => {
  standIn = await startLoans();
});
afterEach(() => standIn.close());

describe('azureml-ts service logs', () => {
  beforeEach(() => {
    const logs = standIn.deployment('loans', 'blue')?.logs as Record<string, string[]>;
    logs['InferenceServer'] = ['one', 'AccountKey=c2VjcmV0;', '##vso[task.complete]', 'last'];
    logs['StorageInitializer'] = ['downloaded'];
  });

  it('prints the log without secrets', async () => {
    const { code, out } = await run(standIn, ['logs', 'loans']);
    expect([code, out]).toEqual([0, 'one\nAccountKey=[redacted];\n##vso[task.complete]\nlast\n']);
  });

  it('prints so many of the last lines, of the container that is named', async () => {
    expect((await run(standIn, ['logs', 'loans', '--num-lines', '1'])).out).toBe('last\n');
    expect((await run(standIn, ['logs', 'loans', '--container', 'storage-initializer'])).out).toBe('downloaded\n');
  });

  it('prints no command that a build would obey', async () => {
    const io = ioFor(standIn, { TF_BUILD: 'True' });
    expect((await run(standIn, ['logs', 'loans'], io)).out).toContain('# #vso[task.complete]');
    const { document } = await runJson(standIn, ['logs', 'loans'], ioFor(standIn, { TF_BUILD: 'True' }));
    expect(document).toMatchObject({ schemaVersion: 1, name: 'loans', lines: expect.arrayContaining(['one', 'last']) });
  });

  it('follows until Ctrl-C, which is 130', async () => {
    const io = ioFor(standIn);
    const abort = new AbortController();
    io.abortSignal = abort.signal;
    io.writeOut = async (text) => {
      io.out += text;
      if (text === 'last\n') {
        abort.abort(new Error('Interrupted'));
      }
    };
    const { code, out, error } = await run(standIn, ['logs', 'loans', '--follow'], io);
    expect([code, error]).toEqual([130, '']);
    expect(out).toMatch(/^one\n.*last\n$/s);
  });

  it('ends a followed log with 0 when the reader goes away', async () => {
    const io = ioFor(standIn);
    io.writeOut = () => Promise.reject(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await run(standIn, ['logs', 'loans', '--follow'], io)).toMatchObject({ code: 0, error: '' });
  });

  it('writes a JSON document a line when it follows', async () => {
    const io = ioFor(standIn);
    const abort = new AbortController();
    io.abortSignal = abort.signal;
    io.writeOut = async (text) => {
      io.out += text;
      abort.abort(new Error('Interrupted'));
    };
    await run(standIn, ['logs', 'loans', '--follow', '--output', 'json'], io);
    expect(JSON.parse(io.out.split('\n')[0] ?? '')).toEqual({ schemaVersion: 1, line: 'one' });
  });
});
