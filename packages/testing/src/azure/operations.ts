import { randomUUID } from 'node:crypto';
import type { AzureOperationPlan } from './stand-in-types.ts';

/** How an operation ended. @internal */
export type Outcome = NonNullable<AzureOperationPlan['outcome']>;

/** A long operation of the stand-in. @internal */
export class LongOperation {
  readonly id = randomUUID();
  readonly plan: AzureOperationPlan;
  readonly startedAt = new Date();
  endedAt: Date | undefined;
  /** What the location of a finished operation answers. */
  result: () => unknown = () => undefined;
  #outcome: Outcome | undefined;
  #polls = 0;
  #reads = 0;
  readonly #onEnd: (outcome: Outcome) => void;

  constructor(plan: AzureOperationPlan, onEnd: (outcome: Outcome) => void) {
    this.plan = plan;
    this.#onEnd = onEnd;
  }

  /** `undefined` while it runs. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  /** Somebody asks how it stands. */
  poll(): Outcome | undefined {
    if (this.#polls < this.#planned) {
      this.#polls += this.#outcome === undefined ? 1 : 0;
    } else {
      this.#end();
    }
    return this.#outcome;
  }

  /** Somebody reads its resource: time passes for those too who do not ask for the operation. */
  read(): void {
    if (this.#reads < this.#planned) {
      this.#reads += 1;
    } else {
      this.#end();
    }
  }

  get #planned(): number {
    return this.plan.polls ?? 1;
  }

  #end(): void {
    if (this.#outcome === undefined) {
      this.#outcome = this.plan.outcome ?? 'Succeeded';
      this.endedAt = new Date();
      this.#onEnd(this.#outcome);
    }
  }
}

/** All long operations, with what is planned for those to come. @internal */
export class OperationBook {
  #plans: AzureOperationPlan[] = [];
  readonly #operations = new Map<string, LongOperation>();
  readonly #running = new Map<object, LongOperation>();

  plan(plans: readonly AzureOperationPlan[]): void {
    this.#plans = [...plans];
  }

  /**
   * Starts an operation.
   *
   * @param owner The resource that it works on.
   * @param onEnd Is called once, when it ends.
   */
  start(owner: object, onEnd: (outcome: Outcome, plan: AzureOperationPlan) => void): LongOperation {
    const plan = (this.#plans.length > 1 ? this.#plans.shift() : this.#plans[0]) ?? {};
    const operation = new LongOperation(plan, (outcome) => {
      if (this.#running.get(owner) === operation) {
        this.#running.delete(owner);
      }
      onEnd(outcome, plan);
    });
    this.#operations.set(operation.id, operation);
    this.#running.set(owner, operation);
    return operation;
  }

  get(id: string): LongOperation | undefined {
    return this.#operations.get(id);
  }

  /** The operation that works on a resource. */
  runningOn(owner: object): LongOperation | undefined {
    return this.#running.get(owner);
  }
}
