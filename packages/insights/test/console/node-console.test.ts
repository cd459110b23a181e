import { runProgram } from '../run-program.ts';
import { Bench } from '../support.ts';

const WITHOUT = `import { print } from '@azureml-ts/insights';\nconst insights = undefined;\n`;

/** Jest has a console of its own; this is Node's. */
describe("the captured console of Node's own", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });

  afterEach(async () => {
    await bench.close();
  });

  it('writes the same to both streams as without capture, and sends each call once', async () => {
    const program = `
      function inside() { console.trace('here', { a: 1 }); }
      inside();
      console.trace();
      console.assert(1 === 2, 'not %s', 'equal');
      console.table([{ a: 1 }]);
      console.dir({ deep: { er: 1 } });
      console.group('group');
      console.count();
      console.groupEnd();
      console.dirxml({ xml: true });
      console.error('Trace: no trace');
    `;
    const ended = await runProgram(bench, program);
    const lines = bench.standIn
      .items()
      .map(({ data, properties }) => [data['message'], data['severityLevel'], properties['Contents']?.split('\n')[0]]);

    expect(ended).toEqual(await runProgram(bench, program, { start: WITHOUT }));
    expect(lines).toEqual([
      ['STDERR', 'Verbose', 'Trace: here { a: 1 }'],
      ['STDERR', 'Verbose', 'Trace'],
      ['STDERR', 'Warning', 'Assertion failed: not equal'],
      ['STDOUT', 'Information', '[{"a":1}]'],
      ['STDOUT', 'Information', '{"deep":{"er":1}}'],
      ['STDOUT', 'Information', 'group'],
      ['STDOUT', 'Information', 'default: 1'],
      ['STDOUT', 'Information', '{"xml":true}'],
      ['STDERR', 'Error', 'Trace: no trace'],
    ]);
    const [trace] = bench.standIn.items();
    expect(trace?.properties['Contents']).toMatch(/^Trace: here .*\n {4}at inside /);
    expect(trace?.properties['Contents']).not.toContain('capture.ts');
  });

  it('with raw capture too sends each line once, the streams being the same', async () => {
    const start = WITHOUT.replace('print } from', 'print, startInsights } from').replace(
      'undefined',
      'startInsights({ captureStdout: true })',
    );
    const program = `console.log('a'); process.stdout.write('b\\n'); print('c'); process.stderr.write('d'); console.error('e');`;
    const ended = await runProgram(bench, program, { start });

    expect(ended).toMatchObject({ code: 0, stdout: 'a\nb\nc\n', stderr: 'de\n' });
    expect(bench.standIn.items().map(({ properties }) => properties['Contents'])).toEqual(['a', 'b', 'c', 'e', 'd']);
  });
});
