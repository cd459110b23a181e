import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { PACKAGES, type Package } from '../support/packages.ts';

/** Which packages the sources of a package may import; what is not here may import none of ours. */
const ARROWS: Record<string, readonly string[]> = {
  common: [],
  monitoring: ['@azureml-ts/common'],
  data: ['@azureml-ts/common', '@azureml-ts/monitoring/format'],
  insights: ['@azureml-ts/common'],
  'inference-server': ['@azureml-ts/common', '@azureml-ts/insights'],
  core: ['@azureml-ts/common'],
  cli: PACKAGES.flatMap((entry) => entry.specifiers).filter((name) => name !== '@azureml-ts/cli'),
  testing: ['@azureml-ts/common'],
};

/** Import that must stay lazy: only `import()` may name it. */
const LAZY: Record<string, readonly string[]> = { 'inference-server': ['@azureml-ts/insights'] };

interface Import {
  readonly file: string;
  readonly specifier: string;
  /** Whether loading the file loads the module: not `import()`, not `import type`. */
  readonly eager: boolean;
}

/** All imports of the TypeScript files below a folder of a package: static, dynamic, of types, and `require`. */
function importsBelow(folder: string): Import[] {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return []; // A package without tests.
  }
  return names
    .filter((name) => /\.[cm]?ts$/.test(name))
    .flatMap((name) => {
      const file = join(folder, name);
      const text = readFileSync(file, 'utf8');
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
      const eager = new Set(source.statements.flatMap(eagerSpecifier));
      return ts
        .preProcessFile(text, true, true)
        .importedFiles.map(({ fileName }) => ({ file, specifier: fileName, eager: eager.has(fileName) }));
    });
}

function eagerSpecifier(statement: ts.Statement): string[] {
  if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
    return statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? [] : [statement.moduleSpecifier.text];
  }
  if (ts.isExportDeclaration(statement) && statement.moduleSpecifier && ts.isStringLiteral(statement.moduleSpecifier)) {
    return statement.isTypeOnly ? [] : [statement.moduleSpecifier.text];
  }
  return [];
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.') || specifier.startsWith('/') || specifier.startsWith('file:');
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function lines(imports: readonly Import[]): string[] {
  return imports.map(({ file, specifier }) => `${relative(join(file, '..', '..', '..'), file)}: ${specifier}`);
}

const rooms = PACKAGES.map((entry): [string, Package, Import[]] => [
  entry.shortName,
  entry,
  importsBelow(join(entry.folder, 'src')),
]);

describe('the arrows between the packages', () => {
  it('are stated for every package', () => {
    expect(PACKAGES.map((entry) => entry.shortName)).toEqual(Object.keys(ARROWS).sort());
  });

  it.each(rooms)('%s imports only the packages that it may', (name, _, imports) => {
    expect(imports.length).toBeGreaterThan(0);
    const allowed = ARROWS[name] ?? [];
    const wrong = imports.filter(
      ({ specifier }) => specifier.startsWith('@azureml-ts/') && !allowed.includes(specifier),
    );
    expect(lines(wrong)).toEqual([]);
  });

  it.each(rooms)('%s loads what is optional only when it is switched on', (name, _, imports) => {
    const lazy = LAZY[name] ?? [];
    expect(lines(imports.filter(({ specifier, eager }) => eager && lazy.includes(specifier)))).toEqual([]);
  });

  it.each(rooms)('%s stays inside its folder, its tests too', (_name, { folder }, imports) => {
    const inTests = ['test', 'test-built'].flatMap((name) => importsBelow(join(folder, name)));
    const leaving = [...imports, ...inTests].filter(({ file, specifier }) => {
      const target = resolve(dirname(file), specifier);
      const room = inTests.some((entry) => entry.file === file) ? folder : join(folder, 'src');
      // The version is read from the manifest, which is published beside the build.
      const isOwnManifest = target === join(folder, 'package.json');
      return isRelative(specifier) && !isOwnManifest && relative(room, target).startsWith('..');
    });
    expect(lines(leaving)).toEqual([]);
  });

  it.each(rooms)('%s declares every package that it imports', (_, { manifest }, imports) => {
    const declared = new Set([
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.peerDependencies ?? {}),
    ]);
    const undeclared = imports.filter(
      ({ specifier }) => !isRelative(specifier) && !isBuiltin(specifier) && !declared.has(packageOf(specifier)),
    );
    expect(lines(undeclared)).toEqual([]);
  });

  it.each(rooms)('%s imports every package that it makes its users install', (room, { manifest }, imports) => {
    const used = new Set(imports.map(({ specifier }) => packageOf(specifier)));
    // Whoever installs the command gets the whole house with it, and what its parts load on use.
    const isForTheHouse = (name: string) => name.startsWith('@azureml-ts/') || name === '@azure/monitor-query-logs';
    const unused = Object.keys(manifest.dependencies ?? {}).filter(
      (name) => !used.has(name) && !(room === 'cli' && isForTheHouse(name)),
    );
    expect(unused).toEqual([]);
  });
});
