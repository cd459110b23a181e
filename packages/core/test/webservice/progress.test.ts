import { setLogSink } from '@azureml-ts/common';
import { type DeploymentProgress, progressReporter } from '../../src/webservice/progress.ts';

function printed(work: () => void): string {
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    work();
    return write.mock.calls.map(([text]) => text).join('');
  } finally {
    write.mockRestore();
  }
}

describe('progress', () => {
  it('tells phase, state, message and time of each step', () => {
    const steps: DeploymentProgress[] = [];
    const report = progressReporter('svc', { showOutput: false, onProgress: (step) => steps.push(step) });
    report('Transitioning', 'being made');
    report('Healthy', 'InProgress', 'running');
    report('Healthy', 'answers');
    report('Unschedulable', 'no room');
    expect(steps).toEqual([
      { phase: 'running', state: 'Transitioning', message: 'being made', elapsedMs: expect.any(Number) },
      { phase: 'running', state: 'Healthy', message: 'InProgress', elapsedMs: expect.any(Number) },
      { phase: 'done', state: 'Healthy', message: 'answers', elapsedMs: expect.any(Number) },
      { phase: 'failed', state: 'Unschedulable', message: 'no room', elapsedMs: expect.any(Number) },
    ]);
    expect(steps.every(({ elapsedMs }) => Number.isInteger(elapsedMs) && elapsedMs >= 0)).toBe(true);
  });

  it.each([
    [{ showOutput: true }, false, /^svc: Healthy \(0\.0 s\): answers\n$/],
    [{ showOutput: false }, true, /^$/],
    [{}, true, /^svc: Healthy /],
    [{}, false, /^$/],
  ])('with %j and a terminal %j prints %s', (options, isTerminal, expected) => {
    const { isTTY } = process.stderr;
    process.stderr.isTTY = isTerminal;
    try {
      expect(printed(() => progressReporter('svc', options)('Healthy', 'answers'))).toMatch(expected);
    } finally {
      process.stderr.isTTY = isTTY;
    }
  });

  it('is not disturbed by a listener that throws', () => {
    const lines: string[] = [];
    const restore = setLogSink((line) => lines.push(line));
    try {
      const onProgress = () => {
        throw new Error('listener');
      };
      progressReporter('svc', { showOutput: false, onProgress })('Healthy', 'answers');
    } finally {
      restore();
    }
    expect(lines).toEqual([expect.stringContaining('onProgress of svc failed: listener')]);
  });
});
