/** Types of a deployment file: what it makes. */
export const DEPLOYMENT_FILE_TYPES = ['online', 'aks', 'aci', 'aks_endpoint', 'local'] as const;

/** What a deployment file makes: an online endpoint, a classic service on AKS or ACI, a classic endpoint, or a local service. */
export type DeploymentFileType = (typeof DEPLOYMENT_FILE_TYPES)[number];

/** What every rule has. */
interface AnyKey {
  /** What the key is for; also shown by editors. */
  readonly about: string;
  /** Option that it sets. Default: the key in camel case. With a leading slash: an option of the outermost object. */
  readonly to?: string;
}

/** What the value of a key may be, and which option it sets. */
export type KeyRule = AnyKey &
  (
    | { readonly is: 'text' }
    /** A path, from the folder of the file. */
    | { readonly is: 'path' }
    /** A text that must come from the environment. */
    | { readonly is: 'secret' }
    | { readonly is: 'flag' }
    /** A number; the option gets it times `factor`. `least` and `most` are for editors: the option's own rule checks it. */
    | {
        readonly is: 'number';
        readonly isWhole?: true;
        readonly least?: number;
        readonly most?: number;
        readonly factor?: number;
      }
    /** An amount as Kubernetes writes it: `500m` cores, `2Gi` of memory. */
    | { readonly is: 'quantity'; readonly unit: 'cores' | 'GB' }
    /** One of some words; the option gets what it stands for. */
    | { readonly is: 'word'; readonly words: Readonly<Record<string, string | boolean>> }
    /** Names with texts. */
    | { readonly is: 'texts' }
    /** Anything, as it is. */
    | { readonly is: 'any' }
    | { readonly is: 'list'; readonly each: KeyRule }
    /** Free names with values of one kind. */
    | { readonly is: 'map'; readonly each: KeyRule }
    | { readonly is: 'object'; readonly keys: Keys; readonly needs?: readonly string[] }
    /** The first that fits the shape of the value. */
    | { readonly is: 'either'; readonly of: readonly KeyRule[] }
  );

/** Rules by key. */
export type Keys = Readonly<Record<string, KeyRule>>;

/** The option that a key sets when its rule names none: `instance_type` sets `instanceType`. */
export function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
