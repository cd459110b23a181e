/** Where exported traces are kept: a folder, or a container of Blob Storage. */
export interface ExportPlace {
  /** What it is, without secrets, for messages. */
  readonly name: string;
  /** Address of a file, without signature. */
  urlOf(path: string): string;
  /** A small file as text; `undefined` when it is not there. */
  read(path: string): Promise<string | undefined>;
  /** Size of a file in bytes; `undefined` when it is not there. */
  size(path: string): Promise<number | undefined>;
  /** A name for a local file that is written before {@link publish} gives it its place. */
  draft(path: string): Promise<string>;
  /** Puts a local file in its place, whole, and takes the draft away. */
  publish(draft: string, path: string): Promise<void>;
  /** Writes a small file, whole. */
  write(path: string, text: string): Promise<void>;
}
