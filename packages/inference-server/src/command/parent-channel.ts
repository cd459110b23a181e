/** What the command tells the process that started it with an IPC channel. */
export type ParentMessage =
  | { readonly type: 'azureml-ts:listening'; readonly port: number; readonly url: string }
  | { readonly type: 'azureml-ts:failed'; readonly code: string; readonly message: string };

/**
 * Sends a message to the parent process; does nothing without an IPC channel. Resolves once it is handed over, so that the
 * process may end afterwards. Never rejects: a parent that has gone is told nothing.
 */
export function tellParent(message: ParentMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) {
      resolve();
      return;
    }
    process.send(message, undefined, undefined, () => resolve());
  });
}
