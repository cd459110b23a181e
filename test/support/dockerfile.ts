/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In capitals, for example `COPY`. */
  readonly name: string;
  /** Flags such as `--from=packages`, by name. */
  readonly flags: Readonly<Record<string, string>>;
  /** What follows, on one line. */
  readonly text: string;
  /** The words of an instruction in the form that needs no shell, a JSON array; else `undefined`. */
  readonly words: readonly string[] | undefined;
}

/** A stage: what stands from one `FROM` to the next. */
export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** Reads a Dockerfile: comments, continued lines, flags, and the JSON form. */
export function readDockerfile(text: string): Stage[] {
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const instruction of instructionsOf(text)) {
    if (instruction.name === 'FROM') {
      const [image = '', , name] = instruction.text.split(/\s+/);
      stages.push({ image, name, instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) {
      throw new Error(`${instruction.name} stands before FROM.`);
    }
    stage.instructions.push(instruction);
  }
  return stages;
}

/** The value of each variable that the `ENV` instructions of a stage set. */
export function environmentOf(stage: Stage): Record<string, string> {
  const pairs = stage.instructions
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ text }) => [...text.matchAll(/(\w+)="([^"]*)"/g)]);
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}

/** The last instruction of a name, the one that counts. */
export function lastOf(stage: Stage, name: string): Instruction {
  const found = stage.instructions.findLast((instruction) => instruction.name === name);
  if (found === undefined) {
    throw new Error(`The stage has no ${name}.`);
  }
  return found;
}

function instructionsOf(text: string): Instruction[] {
  const whole = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '');
  return whole
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      if (name === undefined || rest === undefined) {
        throw new Error(`Not an instruction: ${line}`);
      }
      return instruction(name, rest);
    });
}

function instruction(name: string, rest: string): Instruction {
  const flags: Record<string, string> = {};
  let text = rest;
  for (let match = /^--([\w-]+)=(\S+)\s+/.exec(text); match !== null; match = /^--([\w-]+)=(\S+)\s+/.exec(text)) {
    flags[match[1] ?? ''] = match[2] ?? '';
    text = text.slice(match[0].length);
  }
  // HEALTHCHECK [flags] CMD [words]
  const form = name === 'HEALTHCHECK' ? text.replace(/^CMD\s+/, '') : text;
  return { name, flags, text, words: form.startsWith('[') ? (JSON.parse(form) as string[]) : undefined };
}
