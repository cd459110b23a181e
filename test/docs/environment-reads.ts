import ts from 'typescript';

/** Names of objects that hold the environment of a process. */
const HOLDERS = new Set(['env', 'environment']);

/** Functions that read the variable that they are told. */
const READERS = new Set(['textSetting', 'integerSetting', 'booleanSetting']);

const VARIABLE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

/** What a source file does with the environment. */
export interface EnvironmentReads {
  /** Variables that it names where it reads or sets them. */
  readonly variables: Set<string>;
  /** Whether it also reads variables whose names come from elsewhere. */
  readonly isDynamic: boolean;
  /** Every text in it that may be the name of a variable: of words in capitals, at least two. */
  readonly candidates: Set<string>;
}

/** Finds the variables in a source file, by its syntax: what stands in a comment or in a message is none. */
export function environmentReads(source: string): EnvironmentReads {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, false);
  const variables = new Set<string>();
  const candidates = new Set<string>();
  let isDynamic = false;
  const visit = (node: ts.Node): void => {
    if (ts.isElementAccessExpression(node) && isHolder(node.expression)) {
      if (ts.isStringLiteralLike(node.argumentExpression)) {
        variables.add(node.argumentExpression.text);
      } else {
        isDynamic = true;
      }
    } else if (ts.isPropertyAccessExpression(node) && isHolder(node.expression) && VARIABLE.test(node.name.text)) {
      variables.add(node.name.text);
    } else if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && READERS.has(node.expression.text)) {
      for (const argument of node.arguments) {
        if (ts.isStringLiteralLike(argument) && VARIABLE.test(argument.text)) {
          variables.add(argument.text);
        }
      }
    } else if (ts.isStringLiteralLike(node) && VARIABLE.test(node.text) && node.text.includes('_')) {
      candidates.add(node.text);
    } else if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && VARIABLE.test(node.name.text)) {
      candidates.add(node.name.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { variables, isDynamic, candidates };
}

function isHolder(node: ts.Expression): boolean {
  const bare = ts.isNonNullExpression(node) || ts.isParenthesizedExpression(node) ? node.expression : node;
  const name = ts.isPropertyAccessExpression(bare) ? bare.name.text : ts.isIdentifier(bare) ? bare.text : '';
  return HOLDERS.has(name);
}
