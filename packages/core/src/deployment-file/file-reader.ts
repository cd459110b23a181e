import { resolve } from 'node:path';
import { shown } from '../classic/configuration/rules.ts';
import type { DeploymentFileFault } from './deployment-file-error.ts';
import { type FileEntry, type FileNode, type Place, plainValue } from './file-node.ts';
import { camelCase, type DeploymentFileType, type KeyRule, type Keys } from './key-rule.ts';
import { unknownKey } from './keys.ts';
import { resolveReferences } from './references.ts';
import { amountOf, fits, shapeWords } from './value-shapes.ts';

/** What a {@link FileReader} works with. */
export interface FileReaderInit {
  /** Folder that relative paths start at. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A place with the key that stands there. */
export interface KeyPlace extends Place {
  readonly path: string;
  /** Whether the value came from the environment: it must not be told. */
  readonly isFromEnvironment: boolean;
}

/** The value of one scalar, with the environment put in. */
interface Scalar {
  readonly value: string | number | boolean | null;
  readonly text: string;
  readonly isFromEnvironment: boolean;
}

/** Turns the keys of a file into options, and remembers where each came from. */
export class FileReader {
  /** Everything that is wrong. */
  readonly faults: DeploymentFileFault[] = [];
  /** Where each option was set, by its path with dots. */
  readonly places = new Map<string, KeyPlace>();
  readonly #init: FileReaderInit;
  #options: Record<string, unknown> = {};

  /** @param init The folder of the file, and the environment. */
  constructor(init: FileReaderInit) {
    this.#init = init;
  }

  /** The options that the outermost object sets. */
  readFile(root: FileNode, keys: Keys, needs: readonly string[], type: DeploymentFileType): Record<string, unknown> {
    this.#options = {};
    this.#readObject(root, { keys, needs, type }, '', []);
    return this.#options;
  }

  /** The value of a key that is read before the others. */
  readWord(entry: FileEntry, words: Readonly<Record<string, string | boolean>>): unknown {
    const before = this.#options;
    this.#options = {};
    this.#read(entry.value, { is: 'word', about: '', words }, entry.key, [entry.key], entry.at);
    const value = this.#options[entry.key];
    this.#options = before;
    return value;
  }

  #readObject(
    node: FileNode,
    { keys, needs, type }: { keys: Keys; needs: readonly string[]; type: DeploymentFileType | undefined },
    path: string,
    target: readonly string[],
  ): void {
    if (node.kind !== 'map') {
      this.#fault(path, node.at, `must be an object of ${Object.keys(keys).join(', ')}`);
      return;
    }
    for (const { key, at, value } of node.entries) {
      const rule = Object.hasOwn(keys, key) ? keys[key] : undefined;
      const place = path === '' ? key : `${path}.${key}`;
      if (rule === undefined) {
        this.#fault(place, at, unknownKey(key, keys, type));
      } else {
        this.#read(value, rule, place, targetOf(key, rule, target), at);
      }
    }
    for (const key of needs.filter((needed) => node.entries.every((entry) => entry.key !== needed))) {
      this.#fault(path === '' ? key : `${path}.${key}`, path === '' ? undefined : node.at, 'is needed');
    }
  }

  #read(node: FileNode, rule: KeyRule, path: string, target: readonly string[], at: Place): void {
    const place = { path, ...at, isFromEnvironment: false };
    this.places.set(target.join('.'), place);
    if (node.kind === 'scalar' && node.value === null && rule.is !== 'any') {
      this.#fault(path, at, 'has no value; give one, or take the line out');
      return;
    }
    switch (rule.is) {
      case 'either': {
        const fitting = rule.of.find((candidate) => fits(node, candidate));
        if (fitting === undefined) {
          this.#fault(path, at, `must be ${rule.of.map(shapeWords).join(' or ')}`);
          return;
        }
        const inner = fitting.to?.startsWith('/') ? targetOf('', fitting, target) : target;
        this.#read(node, fitting, path, inner, at);
        return;
      }
      case 'object':
        this.#set(target, {});
        this.#readObject(node, { keys: rule.keys, needs: rule.needs ?? [], type: undefined }, path, target);
        return;
      case 'map':
        if (node.kind !== 'map') {
          this.#fault(path, at, 'must be an object of names');
          return;
        }
        this.#set(target, {});
        for (const entry of node.entries) {
          this.#read(entry.value, rule.each, `${path}.${entry.key}`, [...target, entry.key], entry.at);
        }
        return;
      case 'list':
        if (node.kind !== 'list') {
          this.#fault(path, at, 'must be a list');
          return;
        }
        this.#set(target, []);
        for (const [index, item] of node.items.entries()) {
          this.#read(item, rule.each, `${path}[${index}]`, [...target, String(index)], item.at);
        }
        return;
      case 'texts':
        this.#set(target, this.#texts(node, path, at, target));
        return;
      case 'any':
        this.#set(target, plainValue(node));
        return;
      default:
        this.#set(target, this.#plain(node, rule, path, at, target));
    }
  }

  #plain(node: FileNode, rule: KeyRule, path: string, at: Place, target: readonly string[]): unknown {
    const scalar = node.kind === 'scalar' ? this.#scalar(node, path, at, target) : undefined;
    if (scalar === undefined) {
      if (node.kind !== 'scalar') {
        this.#fault(path, at, `must be ${shapeWords(rule)}, but is ${node.kind === 'list' ? 'a list' : 'an object'}`);
      }
      return undefined;
    }
    const { value, text, isFromEnvironment } = scalar;
    const given = isFromEnvironment ? 'what the environment has' : shown(value);
    switch (rule.is) {
      case 'text':
        return text;
      case 'path':
        return resolve(this.#init.folder, text);
      case 'secret':
        if (!isFromEnvironment) {
          this.#fault(
            path,
            at,
            `is a secret and must not stand in the file; write \${{ env.NAME }} and set the variable NAME`,
          );
          return undefined;
        }
        return text;
      case 'flag': {
        // Texts too: azure-ai-ml writes 'True'.
        const flag = typeof value === 'boolean' ? value : { true: true, false: false }[text.trim().toLowerCase()];
        return flag ?? this.#fault(path, at, `must be true or false, but is ${given}`);
      }
      case 'number': {
        const number =
          typeof value === 'number' ? value : isFromEnvironment && text.trim() !== '' ? Number(text) : Number.NaN;
        if (!Number.isFinite(number) || (rule.isWhole && !Number.isInteger(number))) {
          return this.#fault(path, at, `must be ${shapeWords(rule)}, but is ${given}`);
        }
        return rule.factor === undefined ? number : Math.round(number * rule.factor);
      }
      case 'quantity':
        return amountOf(text, rule.unit) ?? this.#fault(path, at, `must be ${shapeWords(rule)}, but is ${given}`);
      case 'word': {
        const word = text.toLowerCase();
        return Object.hasOwn(rule.words, word)
          ? rule.words[word]
          : this.#fault(path, at, `must be one of ${Object.keys(rule.words).join(', ')}, but is ${given}`);
      }
      default:
        return undefined;
    }
  }

  /** A scalar with the environment put in. */
  #scalar(node: FileNode & { kind: 'scalar' }, path: string, at: Place, target: readonly string[]): Scalar | undefined {
    if (typeof node.value !== 'string') {
      return { value: node.value, text: node.source, isFromEnvironment: false };
    }
    const { text, isFromEnvironment, faults } = resolveReferences(node.value, this.#init.env);
    for (const message of faults) {
      this.#fault(path, at, message);
    }
    if (isFromEnvironment) {
      const key = target.join('.');
      this.places.set(key, { path, ...at, isFromEnvironment });
    }
    return faults.length > 0 ? undefined : { value: text, text, isFromEnvironment };
  }

  #texts(node: FileNode, path: string, at: Place, target: readonly string[]): Record<string, string> | undefined {
    if (node.kind !== 'map') {
      this.#fault(path, at, 'must be an object of texts');
      return undefined;
    }
    const texts = node.entries.flatMap(({ key, at: place, value }): [string, string][] => {
      const own = `${path}.${key}`;
      this.places.set([...target, key].join('.'), { path: own, ...place, isFromEnvironment: false });
      if (value.kind !== 'scalar' || value.value === null) {
        this.#fault(own, place, 'must be a text');
        return [];
      }
      const scalar = this.#scalar(value, own, place, [...target, key]);
      return scalar === undefined ? [] : [[key, scalar.text]];
    });
    return Object.fromEntries(texts);
  }

  #fault(path: string, at: Place | undefined, message: string): undefined {
    this.faults.push({ path, line: at?.line, column: at?.column, message });
    return undefined;
  }

  #set(target: readonly string[], value: unknown): void {
    if (value === undefined) {
      return;
    }
    let object: Record<string, unknown> = this.#options;
    for (const name of target.slice(0, -1)) {
      if (!Object.hasOwn(object, name)) {
        define(object, name, {});
      }
      object = object[name] as Record<string, unknown>;
    }
    define(object, target.at(-1) ?? '', value);
  }
}

/** Sets a field whatever its name, `__proto__` for one. */
function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

function targetOf(key: string, rule: KeyRule, above: readonly string[]): readonly string[] {
  return rule.to?.startsWith('/') ? rule.to.slice(1).split('/') : [...above, rule.to ?? camelCase(key)];
}
