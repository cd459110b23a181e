/** Where something stands in a query. @internal */
export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 0. */
  readonly pos: number;
  readonly token: string;
}

/** A query that the stand-in does not understand, or that the service would refuse. @internal */
export class KqlError extends Error {
  readonly kind: 'SyntaxError' | 'SemanticError';
  readonly code: string;
  readonly place: Place | undefined;

  constructor(kind: KqlError['kind'], code: string, message: string, place?: Place) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.place = place;
  }
}

/** @internal */
export function syntaxError(place: Place): KqlError {
  return new KqlError(
    'SyntaxError',
    'SYN0002',
    `Query could not be parsed at '${place.token}' on line [${place.line},${place.pos}]`,
    place,
  );
}

/** @internal */
export function semanticError(code: string, message: string): KqlError {
  return new KqlError('SemanticError', code, message);
}
