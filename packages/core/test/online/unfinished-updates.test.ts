import { setLogSink } from '@azureml-ts/common';
import { UpdateIncompleteError } from '../../src/online/update-incomplete-error.ts';
import { rejection } from '../support/local-services.ts';
import { openLoans } from './support.ts';

const THREE = { deployments: { blue: {}, green: {}, red: {} } };
const NEVER = Number.POSITIVE_INFINITY;

describe('an update that is not waited for to the end', () => {
  it('says with TIMEOUT what was done by then', async () => {
    const { service, standIn } = await openLoans(THREE);
    standIn.planOperations({}, { polls: NEVER });

    const error = await rejection(service.update({ enableAppInsights: true }, { wait: true, timeoutMs: 1_500 }));

    expect(error).toBeInstanceOf(UpdateIncompleteError);
    expect(error).toMatchObject({
      code: 'TIMEOUT',
      retryable: true,
      message: expect.stringContaining(
        'deployment "blue" was completed, deployment "green" was accepted, deployment "red" was not begun',
      ),
      report: { parts: [{ outcome: 'completed' }, { outcome: 'accepted' }, { outcome: 'planned' }] },
      details: {
        timeoutMs: 1_500,
        parts: [
          { deploymentName: 'blue', outcome: 'completed' },
          { deploymentName: 'green', outcome: 'accepted' },
          { deploymentName: 'red', outcome: 'planned' },
        ],
      },
    });
  });

  it('says that it is not known whether a write was taken whose answer did not come in time', async () => {
    const { service, standIn } = await openLoans();
    standIn.fail({ method: 'PUT', delayMs: 60_000 });

    const error = await rejection(service.update({ enableAppInsights: true }, { timeoutMs: 1_500 }));

    expect(error).toMatchObject({
      code: 'TIMEOUT',
      report: { parts: [{ outcome: 'failed', error: { message: expect.stringContaining('may have been accepted') } }] },
    });
  });

  it('is a plain TIMEOUT when nothing was sent', async () => {
    const { service, standIn } = await openLoans();
    standIn.fail({ method: 'GET', url: /deployments\/blue/, delayMs: 60_000 });

    const error = await rejection(service.update({ enableAppInsights: true }, { timeoutMs: 300 }));

    expect(error).toMatchObject({ code: 'TIMEOUT' });
    expect(error).not.toBeInstanceOf(UpdateIncompleteError);
  });

  it.each(['onProgress', 'the log'])(
    'ends with the reason of the signal, and tells %s what was done',
    async (where) => {
      const { service, standIn } = await openLoans(THREE);
      standIn.planOperations({}, { polls: NEVER });
      const stop = new AbortController();
      const logged: string[] = [];
      const told: string[] = [];
      standIn.fail({
        method: 'GET',
        url: /mfeOperations/,
        after: 4,
        delayMs: 10,
        onHit: () => stop.abort(new Error('enough')),
      });
      const undo = setLogSink((line) => logged.push(line));
      try {
        const onProgress =
          where === 'onProgress' ? { onProgress: ({ message }: { message: string }) => told.push(message) } : {};
        const options = { wait: true, abortSignal: stop.signal, showOutput: false, ...onProgress };

        await expect(service.update({ enableAppInsights: true }, options)).rejects.toThrow('enough');
      } finally {
        undo();
      }
      const wanted =
        'was ended by its caller. By then: deployment "blue" was completed, deployment "green" was accepted, deployment "red" was not begun';
      expect(where === 'onProgress' ? told.at(-1) : logged.at(-1)).toContain(wanted);
      expect((where === 'onProgress' ? logged : told).join()).not.toContain('was ended');
    },
  );
});
