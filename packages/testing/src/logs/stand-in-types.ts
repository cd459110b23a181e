import type { TelemetryItem } from '../telemetry/item.ts';
import type { LogsTableName } from './tables.ts';

/** One query that came to the stand-in, whatever became of it. */
export interface LogsRequest {
  /** In capitals. */
  readonly method: string;
  /** Path as it came, also with two slashes. */
  readonly path: string;
  /** The query; empty when the body is none. */
  readonly query: string;
  /** ISO 8601 timespan of the body. */
  readonly timespan: string | undefined;
  /** Headers with lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Status of the answer; 0 when the connection was cut instead. */
  readonly status: number;
  /** Rows of the answer. */
  readonly rowCount: number;
  /** When it came. */
  readonly receivedAt: Date;
}

/** How the stand-in answers instead of as usual; see {@link LogsStandIn.respondWith}. */
export interface LogsAnswer {
  /** Status to answer with. Left out: the stand-in decides, as usual. */
  readonly status?: number | undefined;
  /** `Retry-After` header: seconds, or an HTTP date. */
  readonly retryAfter?: number | string | undefined;
  /** Headers of the answer. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Text of the answer. Default: the service's error body for the status. */
  readonly body?: string | undefined;
  /** Give only so many rows, with the service's partial error. */
  readonly partialRows?: number | undefined;
  /** Read the request, then cut the connection. */
  readonly cut?: boolean | undefined;
  /** Wait before answering, in milliseconds. */
  readonly delayMs?: number | undefined;
  /** Is called before the answer. */
  readonly onHit?: (() => void) | undefined;
  /** How many requests get this answer. Default: all until the next call of `respondWith`. */
  readonly times?: number | undefined;
}

/** Column of a table of a test's own. */
export interface LogsColumnType {
  /** The name. */
  readonly name: string;
  /** Type of the column. */
  readonly type: 'string' | 'long' | 'int' | 'real' | 'bool' | 'datetime' | 'dynamic';
}

/** A running stand-in for the query service of Azure Monitor Logs; see `startLogsStandIn`. */
export interface LogsStandIn extends AsyncDisposable {
  /** Root of the server, `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** What to pass as `endpoint`: `<url>/v1`. */
  readonly endpoint: string;
  /** Id of the workspace, whose tables are `AppTraces`, `AppRequests`, ... */
  readonly workspaceId: string;
  /** Resource id of the component, whose tables are `traces`, `requests`, ... */
  readonly resourceId: string;
  /** Gives tokens that belong to nobody; a request without one of them is answered 401. */
  readonly credential: {
    getToken(scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number }>;
  };
  /** Scopes that tokens were asked for, in order. */
  readonly tokenRequests: readonly string[];
  /** What to pass as `clientOptions`: trusts the certificate, sends Azure's own address here, and waits hardly at all. */
  readonly clientOptions: {
    readonly additionalPolicies: readonly {
      readonly policy: {
        readonly name: string;
        // biome-ignore lint/suspicious/noExplicitAny: the types of @azure/core-rest-pipeline, which is not loaded here.
        sendRequest(request: any, next: (request: any) => Promise<any>): Promise<any>;
      };
      readonly position: 'perCall' | 'perRetry';
    }[];
    readonly retryOptions: { readonly maxRetries: number; readonly retryDelayInMs: number };
  };
  /** Variables for another process that shall find this stand-in: its address and its certificate. */
  readonly environment: Readonly<Record<string, string>>;
  /** Adds telemetry, as if the service had just taken it in. */
  addItems(items: readonly TelemetryItem[]): void;
  /** Adds rows by the names of the component's columns; `timestamp` is now unless given, other columns are empty. */
  addRows(table: LogsTableName, rows: readonly Readonly<Record<string, unknown>>[]): void;
  /** Adds a table of its own, to both schemas. */
  addTable(name: string, columns: readonly LogsColumnType[], rows: readonly Readonly<Record<string, unknown>>[]): void;
  /**
   * Plans how the next requests are answered.
   *
   * @param answer One answer, several in order (give all but the last a number of `times`), or `null` for the usual way.
   */
  respondWith(answer: LogsAnswer | readonly LogsAnswer[] | null): void;
  /** The requests so far, oldest first. */
  requests(): LogsRequest[];
  /** Forgets rows, tables of its own and requests; planned answers stay. */
  clear(): void;
  /** Ends the server. */
  close(): Promise<void>;
}
