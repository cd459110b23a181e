import type { AzureStandIn } from '@azureml-ts/testing';
import { ioFor } from '../../recorded-io.ts';
import { run, startLoans } from './service-commands.ts';

let standIn: AzureStandIn;

beforeEach(async () => {
  standIn = await startLoans();
});
afterEach(() => standIn.close());

describe('azureml-ts service delete', () => {
  it('deletes with --yes', async () => {
    const { code, out } = await run(standIn, ['delete', 'loans', '--yes']);
    expect([code, out]).toEqual([0, 'The OnlineEndpoint "loans" is deleted.\n']);
    expect(standIn.endpoint('loans')).toBeUndefined();
  });

  it('demands --yes where nobody can be asked', async () => {
    const { code, error } = await run(standIn, ['delete', 'loans']);
    expect([code, standIn.exchanges()]).toEqual([2, []]);
    expect(error).toContain('--yes');
  });

  it.each([
    ['yes', 0],
    ['Y', 0],
    ['no', 1],
    ['', 1],
  ])('asks on a terminal; the answer %j ends with %d', async (answer, code) => {
    const io = ioFor(standIn);
    let asked = '';
    io.ask = async (question) => {
      asked = question;
      return answer;
    };
    expect((await run(standIn, ['delete', 'old-loans'], io)).code).toBe(code);
    expect(asked).toBe('Delete the AksWebservice "old-loans" of the workspace ws1? [y/N] ');
    expect(standIn.service('old-loans') === undefined).toBe(code === 0);
  });

  it('ends with 130 on Ctrl-C while it asks', async () => {
    const io = ioFor(standIn);
    const abort = new AbortController();
    io.abortSignal = abort.signal;
    io.ask = () => {
      abort.abort(new Error('Interrupted'));
      return new Promise(() => undefined);
    };
    expect((await run(standIn, ['delete', 'loans'], io)).code).toBe(130);
  });
});
