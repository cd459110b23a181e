import { print } from '@azureml-ts/insights';

class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
}

export function init(): void {
  print('about to fail');
  throw new RuntimeError('init exploded');
}

export function run(): void {}
