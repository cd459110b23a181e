import { type Library, LibraryLacks, type LibraryObject, NothingToActOn } from './library.ts';
import type { Step } from './scenario-file.ts';

/** What steps act on. */
export interface Stage {
  readonly library: Library;
  readonly workspace: LibraryObject;
  /** Origin of the server. */
  readonly base: string;
  /** The service that steps act on. */
  current: LibraryObject | undefined;
  /** Milliseconds of a wait for a second of the recording, whose clock was moved on instead. */
  readonly msPerSecond: number;
  /** Shortest limit of a wait that is meant to end well. */
  readonly leastTimeoutMs: number;
  readonly environment: Map<string, string | undefined>;
}

/** A kind of step. */
export interface StepKind {
  /** Names of the arguments; `any` where they are checked by the library itself. */
  readonly args: readonly string[] | 'any';
  /** Names of the fields beside `do`. */
  readonly beside?: readonly string[];
  /** Gives the value of the step in the notation of the recordings. */
  play(stage: Stage, step: Step): Promise<unknown>;
}

/** The service that a step acts on. */
export function current(stage: Stage): LibraryObject {
  if (stage.current === undefined) {
    throw new NothingToActOn('there is no service to act on, because it could not be read');
  }
  return stage.current;
}

/** A class of the library; `Webservice` where a step names none. */
export function classFor({ library }: Stage, name: unknown): LibraryObject {
  const found = library.classOf(typeof name === 'string' ? name : 'Webservice');
  if (found === undefined) {
    throw new LibraryLacks(`our library has no class ${name}`);
  }
  return found;
}
