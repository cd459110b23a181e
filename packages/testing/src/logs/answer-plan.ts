import type { LogsAnswer } from './stand-in-types.ts';

/** Hands out the planned answers in order. @internal */
export class LogsAnswerPlan {
  #steps: { readonly answer: LogsAnswer; left: number }[] = [];

  set(answers: readonly LogsAnswer[]): void {
    this.#steps = answers.map((answer) => ({ answer, left: answer.times ?? Number.POSITIVE_INFINITY }));
  }

  next(): LogsAnswer | undefined {
    const step = this.#steps.find(({ left }) => left > 0);
    if (step !== undefined) {
      step.left -= 1;
    }
    return step?.answer;
  }
}
