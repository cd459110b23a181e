import type { CommandIo } from '../io.ts';

/** Whether results have colours: `NO_COLOR` forbids them, `FORCE_COLOR` wants them, else only a terminal gets them. */
export function hasColors({ env, isTerminal }: Pick<CommandIo, 'env' | 'isTerminal'>): boolean {
  if (env['NO_COLOR']) {
    return false;
  }
  const forced = env['FORCE_COLOR'];
  return forced === undefined || forced === '' ? isTerminal : forced !== '0' && forced !== 'false';
}

const CODES = { bold: [1, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], dim: [2, 22] } as const;

/** Colours a text, when there are colours. */
export function paint(text: string, style: keyof typeof CODES, isColored: boolean): string {
  const [on, off] = CODES[style];
  return isColored ? `\u001b[${on}m${text}\u001b[${off}m` : text;
}
