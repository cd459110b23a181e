import { harmlessLine } from '@azureml-ts/common';
import type { Command } from 'commander';
import { addServiceOptions } from '../azure/service-options.ts';
import { DoctorContext, type DoctorOptions } from '../doctor/context.ts';
import type { Finding, FindingStatus } from '../doctor/finding.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandIo } from '../io.ts';
import { hasColors, paint } from '../output/colors.ts';
import { writeDocument } from '../output/documents.ts';
import { writeAnnotation } from '../output/error-lines.ts';
import { parseSeconds } from './parse-values.ts';

/** `azureml-ts doctor`: looks for what keeps a workspace or a service from working, and says what to do about it. */
export function addDoctor(program: Command, io: CommandIo, setExitCode: (exitCode: number) => void): void {
  addServiceOptions(
    program
      .command('doctor')
      .description('find out what keeps a workspace or a service from working')
      .argument('[name]', 'a service; without it only the workspace is looked at')
      .option(
        '--storage <place>',
        "where collected rows are (env AML_MODEL_DC_STORAGE; default: the workspace's storage)",
      )
      .option('--timeout <seconds>', 'longest time for one question (default: 30)', parseSeconds),
  ).action((name: string | undefined, options: DoctorOptions) => doctor(name, options, io, setExitCode));
}

async function doctor(
  name: string | undefined,
  options: DoctorOptions,
  io: CommandIo,
  setExitCode: (exitCode: number) => void,
): Promise<void> {
  const { examine } = await import('../doctor/checks.ts');
  const findings: Finding[] = [];
  for await (const finding of examine(new DoctorContext(io, options, name))) {
    findings.push(finding);
    if (options.output === 'table') {
      await io.writeOut(findingText(io, finding));
    }
    if (finding.status === 'fail') {
      writeAnnotation(io, `${finding.check}: ${finding.message}`, finding.code ?? 'DOCTOR');
    }
  }
  const counts = Object.fromEntries(
    (['ok', 'warn', 'fail', 'skip'] as const).map((status) => [
      status,
      findings.filter((finding) => finding.status === status).length,
    ]),
  );
  if (options.output === 'json') {
    await writeDocument(io, {
      name: name ?? null,
      counts,
      findings: findings.map(({ check, status, message, fix, code }) => ({
        check,
        status,
        message,
        fix: fix ?? null,
        code: code ?? null,
      })),
    });
  } else {
    const told = Object.entries(counts).flatMap(([status, count]) => (count === 0 ? [] : [`${count} ${status}`]));
    io.writeError(`azureml-ts: ${told.join(', ')}.\n`);
  }
  setExitCode(counts['fail'] === 0 ? EXIT.ok : EXIT.checkFailed);
}

const STYLES = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'dim' } as const satisfies Record<
  FindingStatus,
  string
>;

function findingText(io: CommandIo, { check, status, message, fix }: Finding): string {
  const isColored = hasColors(io);
  const line = `${paint(status.padEnd(4), STYLES[status], isColored)}  ${check.padEnd(12)}  ${harmlessLine(message)}\n`;
  return fix === undefined ? line : `${line}${' '.repeat(20)}fix: ${harmlessLine(fix)}\n`;
}
