import { createLogger, setLogLevel, setLogSink } from '../src/logger.ts';

describe('the logger', () => {
  const lines: string[] = [];
  let restore: () => void;
  beforeEach(() => {
    lines.length = 0;
    restore = setLogSink((line) => lines.push(line));
  });
  afterEach(() => {
    restore();
    setLogLevel(undefined);
    delete process.env['AZURE_LOG_LEVEL'];
  });

  it('writes errors and warnings by default, without secrets', () => {
    const log = createLogger('core');
    log.error('AccountKey=abc123==');
    log.warning('w');
    log.info('i');
    expect(lines).toEqual(['azureml-ts:core:error AccountKey=[redacted]', 'azureml-ts:core:warning w']);
  });

  it('writes one line for one message, of bounded length', () => {
    const log = createLogger('core');
    log.error('a\nazureml-ts:core:error forged');
    log.error('x'.repeat(100_000));
    expect(lines[0]).toBe('azureml-ts:core:error a azureml-ts:core:error forged');
    expect(lines[1]?.length).toBeLessThan(8_300);
  });

  it('does not disturb its caller when the line cannot be written', () => {
    setLogSink(() => {
      throw new Error('full');
    });
    expect(() => createLogger('core').error('x')).not.toThrow();
  });

  it('follows AZURE_LOG_LEVEL, and the program before it', () => {
    const log = createLogger('core');
    process.env['AZURE_LOG_LEVEL'] = 'verbose';
    log.verbose('v');
    setLogLevel('error');
    log.warning('w');
    expect(lines).toEqual(['azureml-ts:core:verbose v']);
  });
});
