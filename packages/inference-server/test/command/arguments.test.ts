import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { helpText, parseArguments } from '../../src/command/arguments.ts';
import { FLAGS, type FlagValues } from '../../src/command/flags.ts';

describe('parseArguments', () => {
  it('reads the flags of every part', () => {
    const argv = [
      ...['--entry-script', 's.ts', '--port', '0', '--host=::1', '--worker-count', '3', '--worker-timeout=0'],
      ...[
        '--model-dir',
        'models/a',
        '--config-file',
        'c.json',
        '--cors-origins',
        'https://a.example, https://b.example',
      ],
      ...['--access-log', 'json', '--log-level', 'warning', '--max-body-bytes', '10', '--no-parent-watch'],
    ];
    expect(parseArguments(argv)).toEqual({
      kind: 'serve',
      values: {
        options: {
          entryScript: 's.ts',
          port: 0,
          host: '::1',
          corsOrigins: ['https://a.example', 'https://b.example'],
          accessLog: 'json',
          maxBodyBytes: 10,
          workers: 3,
        },
        environment: { AZUREML_MODEL_DIR: 'models/a', AZUREML_LOG_LEVEL: 'WARNING' },
        configFile: 'c.json',
        workerTimeoutSeconds: 0,
        watchParent: false,
      },
    });
  });

  it('takes the names of the Python server, with its underscores', () => {
    const argv = ['--entry_script', 's.py.ts', '--worker_count', '2', '--access_control_allow_origins', '*'];
    expect(parseArguments(argv)).toMatchObject({
      values: { options: { entryScript: 's.py.ts', corsOrigins: ['*'], workers: 2 } },
    });
  });

  it.each([['--help'], ['-h']])('asks for help by %s, whatever else stands there', (flag) => {
    expect(parseArguments(['--port', '1', flag, '--nonsense'])).toEqual({ kind: 'help' });
  });

  it.each([
    [['--entry-script'], /--entry-script needs a value/],
    [['--entry-script', '--port', '1'], /--entry-script needs a value/],
    [['--entry-script='], /--entry-script needs a value/],
    [['--unknown'], /There is no flag --unknown\. --help lists all\./],
    [['--prot', '1'], /There is no flag --prot\. Did you mean --port\?/],
    [['--workers', '2'], /Did you mean --worker-count\?/],
    [['--health-port', '1'], /GET \/ and GET \/ready on the port/],
    [['--appinsights_instrumentation_key', 'k'], /AML_APP_INSIGHTS_KEY/],
    [['score.ts'], /Unexpected argument "score\.ts"/],
    [['--port', '1', '--port', '2'], /--port is given twice/],
    [['--port', '70000'], /from 0 to 65535, but is "70000"/],
    [['--port', 'x'], /from 0 to 65535, but is "x"/],
    [['--worker-count', '0'], /from 1 to 1024, but is "0"/],
    [['--parent-watch=yes'], /takes no value; --no-parent-watch/],
    [['--access-log', 'xml'], /one of text, json, false, but is "xml"/],
    [['--constructor', '1'], /There is no flag --constructor/],
  ])('refuses %j', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });
});

describe('the flags', () => {
  it('set every option that a text can give', () => {
    const sources = ['options.ts', 'http/http-options.ts'].map((name) =>
      readFileSync(join(__dirname, '../../src', name), 'utf8'),
    );
    const options = sources.flatMap((text) => [...text.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name));
    const values: FlagValues = { options: {}, environment: {} };
    const samples: Record<string, string> = {
      'access-log': 'json',
      'log-level': 'INFO',
      'cors-origins': '*',
      'worker-count': '2',
    };
    for (const flag of FLAGS) {
      flag.set(values, samples[flag.name] ?? '2000');
    }
    const inCode = ['abortSignal', 'init', 'onLogLine', 'run'];
    expect([...Object.keys(values.options), ...inCode].sort()).toEqual(options.sort());
  });
});

describe('the help', () => {
  const text = helpText('azureml-ts serve');

  it('names every flag once, the variables and the exit codes', () => {
    for (const { name, value } of FLAGS) {
      const start = value === undefined ? `  --[no-]${name}` : `  --${name} ${value}`;
      expect(text.split('\n').filter((line) => line.startsWith(`${start} `))).toHaveLength(1);
    }
    for (const word of ['WORKER_COUNT', 'SCORING_TIMEOUT_MS', 'SIGHUP', '  6  workers failed again and again']) {
      expect(text).toContain(word);
    }
  });

  it('fits into 100 columns', () => {
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });
});
