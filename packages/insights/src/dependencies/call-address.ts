import { knownType } from './known-hosts.ts';

/** Longest path segment that is taken for a name rather than for an id. */
const MAX_NAME_CHARACTERS = 40;
const MAX_SEGMENTS = 12;
const GUID = /^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$/i;
/** A number, a date, or digits in hexadecimal. */
const NUMBER = /^\d[\d.:_-]*$|^(?=.*\d)[0-9a-f]{8,}$/i;
const QUERY_NAME = /^[A-Za-z$_][\w$.:[\]-]{0,63}$/;
/** A name without a value, `acl` for example. What else stands there alone may be a token. */
const FLAG = /^[a-z][a-z_-]{0,23}$/;
const ID = '{id}';

/** Where a call goes, before anything is made of it. @internal */
export interface Destination {
  /** `http:` or `https:`. */
  readonly protocol: string;
  /** Host, with its port unless it is the default. */
  readonly host: string;
  /** Path with query; the whole URL where the call goes to a proxy. */
  readonly path: string;
}

/** A call's address as its item shows it. @internal */
export interface CallAddress {
  /** Host, with its port unless it is the default. */
  readonly target: string;
  /** Path without query, ids in it masked: what calls are grouped by. */
  readonly route: string;
  /** The URL, without the values of its query, and without a user's name and password. */
  readonly data: string;
  /** `HTTP`, or the Azure service. */
  readonly type: string;
}

/**
 * Describes where a call goes, without what must not be shown: values in the query, credentials.
 *
 * @internal
 */
export function callAddress({ protocol, host, path }: Destination): CallAddress {
  const whole = /^(https?:)\/\/(?:[^/?#@]*@)?([^/?#]*)(.*)$/i.exec(path);
  const [, scheme = protocol, target = host, rest = path] = whole ?? [];
  const [beforeFragment = ''] = rest.split('#', 1);
  const mark = beforeFragment.indexOf('?');
  const plainPath = (mark === -1 ? beforeFragment : beforeFragment.slice(0, mark)) || '/';
  const query = mark === -1 ? '' : namesOf(beforeFragment.slice(mark + 1));
  return {
    target,
    route: maskIds(plainPath),
    data: `${scheme.toLowerCase()}//${target}${plainPath}${query}`,
    type: knownType(target),
  };
}

/** `?comp=list&prefix=a` becomes `?comp&prefix`. */
function namesOf(query: string): string {
  const names = query
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('='))
    .map((pair) => {
      const [name = '', value] = pair.split('=', 2);
      return (value === undefined ? FLAG : QUERY_NAME).test(name) && !isId(name) ? name : ID;
    });
  return names.length === 0 ? '' : `?${names.join('&')}`;
}

function maskIds(path: string): string {
  const segments = path.split('/');
  const shown = segments.slice(0, MAX_SEGMENTS).map((segment) => (isId(segment) ? ID : segment));
  return shown.join('/') + (segments.length > MAX_SEGMENTS ? '/...' : '');
}

function isId(segment: string): boolean {
  return segment.length > MAX_NAME_CHARACTERS || GUID.test(segment) || NUMBER.test(segment);
}
