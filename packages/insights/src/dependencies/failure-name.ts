const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;
const NAME = /^[A-Za-z_$][\w$]{0,63}$/;
const STOPPED = ['AbortError', 'ABORT_ERR', 'UND_ERR_ABORTED'];

/** Name of what a call failed with: the code of a system error, else the name of the error. Never its text. @internal */
export function failureName(error: unknown): string {
  try {
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
    if (typeof code === 'string' && CODE.test(code)) {
      return code === 'ABORT_ERR' || code === 'UND_ERR_ABORTED' ? 'AbortError' : code;
    }
    return typeof name === 'string' && NAME.test(name) ? name : 'Error';
  } catch {
    return 'Error';
  }
}

/** Whether a failure only says that the caller wanted no more. @internal */
export function wasStopped(failure: string): boolean {
  return STOPPED.includes(failure);
}
