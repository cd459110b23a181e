/**
 * The command `azureml-ts` as a function.
 *
 * @packageDocumentation
 */
export type { CommandIo } from './io.ts';
export { main } from './program.ts';
