import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CREATING_STEPS } from './creating-steps.ts';
import { attribute, call, type LibraryObject } from './library.ts';
import { optionsOf } from './python-names.ts';
import type { Step } from './scenario-file.ts';
import { SERVICE_STEPS } from './service-steps.ts';
import { classFor, type Stage, type StepKind } from './stage.ts';
import { UnreadableCase } from './strict.ts';

const STEPS: Readonly<Record<string, StepKind>> = {
  writeFile: {
    args: ['path', 'text'],
    play: async (_, { args }) => {
      await mkdir(dirname(String(args['path'])), { recursive: true });
      await writeFile(String(args['path']), String(args['text']));
    },
  },
  setEnv: {
    args: 'any',
    play: async ({ environment }, { args }) => {
      for (const [name, value] of Object.entries(args)) {
        if (!environment.has(name)) {
          environment.set(name, process.env[name]);
        }
        process.env[name] = String(value);
      }
    },
  },
  openWorkspace: {
    args: ['subscription_id', 'resource_group', 'workspace_name'],
    // Ours is opened by the first call that needs it; so is the one that every scenario starts with.
    play: async (stage) => {
      await call(stage.workspace, 'get');
    },
  },
  get: {
    args: [],
    beside: ['service', 'class'],
    play: async (stage, { beside }) => {
      stage.current = undefined;
      stage.current = (await call(
        classFor(stage, beside['class']),
        'get',
        stage.workspace,
        beside['service'],
      )) as LibraryObject;
    },
  },
  list: {
    args: [
      ...['compute_type', 'image_name', 'image_id', 'image_digest', 'model_name', 'model_id', 'tags', 'properties'],
    ],
    beside: ['class', 'show'],
    play: async (stage, { args, beside }) => {
      // Filters of the classic service are options of its own class.
      const isClassic = Object.keys(args).some((name) => name !== 'tags' && name !== 'properties');
      const name = beside['class'] ?? (isClassic ? 'ClassicWebservice' : 'Webservice');
      const listed = await call(classFor(stage, name), 'list', stage.workspace, optionsOf(args));
      const shown: string[] = [];
      for await (const service of listed as AsyncIterable<LibraryObject>) {
        const name = String(attribute(service, 'name'));
        shown.push(beside['show'] === 'name' ? name : `${attribute(service, 'kind')}:${name}`);
      }
      return shown;
    },
  },
  ...CREATING_STEPS,
  ...SERVICE_STEPS,
};

/** Checks that every step of a scenario can be played. */
export function checkSteps(steps: readonly Step[]): void {
  for (const [index, step] of steps.entries()) {
    const kind = Object.hasOwn(STEPS, step.do) ? STEPS[step.do] : undefined;
    if (kind === undefined) {
      throw new UnreadableCase(`step ${index} is of a kind that this runner does not know: ${step.do}`);
    }
    const unknown = [
      ...Object.keys(step.args).filter((name) => kind.args !== 'any' && !kind.args.includes(name)),
      ...Object.keys(step.beside).filter((name) => kind.beside?.includes(name) !== true),
    ];
    if (unknown.length > 0) {
      throw new UnreadableCase(
        `step ${index} (${step.do}) has fields that this runner does not know: ${unknown.join(', ')}`,
      );
    }
  }
}

/** Plays one step. */
export async function playStep(stage: Stage, step: Step): Promise<unknown> {
  return (await STEPS[step.do]?.play(stage, step)) ?? null;
}
