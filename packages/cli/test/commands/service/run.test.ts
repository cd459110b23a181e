import type { AzureStandIn } from '@azureml-ts/testing';
import { ioFor } from '../../recorded-io.ts';
import { run, runJson, startLoans } from './service-commands.ts';

let standIn: AzureStandIn;

beforeEach(async () => {
  standIn = await startLoans();
});
afterEach(() => standIn.close());

describe('azureml-ts service run', () => {
  it('sends JSON, a file or standard input, and prints the answer', async () => {
    expect(await run(standIn, ['run', 'loans', '--data', '{"data":[[1,2]]}'])).toMatchObject({
      code: 0,
      out: '{"data":[[1,2]]}\n',
      error: '',
    });
    expect(
      (await run(standIn, ['run', 'loans', '--data', `${import.meta.dirname}/../../../tsconfig.json`])).out,
    ).toContain('tsconfig.base.json');
    const io = ioFor(standIn);
    io.readInput = async () => Buffer.from('[1, 2]');
    const { document } = await runJson(standIn, ['run', 'loans'], io);
    expect(document).toEqual({ schemaVersion: 1, name: 'loans', kind: 'OnlineEndpoint', answer: [1, 2] });
  });

  it('names the deployment', async () => {
    await run(standIn, ['run', 'loans', '--data', '1', '--deployment', 'blue']);
    expect(standIn.exchanges().at(-1)?.headers['azureml-model-deployment']).toBe('blue');
  });

  it.each([[['--data', 'no-such-file']], [[]]])('refuses %j with 2 before any request', async (argv) => {
    const { code, error } = await run(standIn, ['run', 'loans', ...argv]);
    expect([code, standIn.exchanges()]).toEqual([2, []]);
    expect(error).toContain('Give --data a file');
  });

  it('ends with 5 when the service fails', async () => {
    const endpoint = standIn.endpoint('loans');
    if (endpoint !== undefined) endpoint.score = () => ({ status: 500, body: { message: 'boom' } });
    expect(await run(standIn, ['run', 'loans', '--data', '1'])).toMatchObject({
      code: 5,
      error: expect.stringMatching(/boom.*\[SCORING_FAILED\]/),
    });
  });
});
