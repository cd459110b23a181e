import { PendingCall } from '../collector/pending-call.ts';
import type { StreamIdentity } from '../format/blob-path.ts';
import type { PythonCorrelations } from './python-correlations.ts';
import type { PythonRows } from './python-lines.ts';

/** A call in the layout of the Python package: its rows end with the cells of the call. */
export class PythonCall extends PendingCall implements PythonRows {
  /** UTC hour of the file, where each hour has one. */
  hour: string | undefined = undefined;
  /** What the rows are called, where their own columns say something else than the collector. */
  stream: StreamIdentity | undefined = undefined;
  /** See {@link PythonRows.isFrame}. */
  isFrame = false;
  /** What the caller has handed over; `undefined` for a call that stands for itself. */
  handed: PythonCorrelations | undefined = undefined;
}
