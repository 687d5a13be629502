/**
 * Read the sources: which strings they translate, and which sentences they build from translated parts.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const CATALOG = '../jupyter_nb_updater/locale/jupyter_nb_updater.pot';

/** The methods of a catalog, and how many texts each takes before the values of its placeholders. */
const METHODS: Record<string, number> = { __: 1, _n: 2, _p: 2, _np: 3 };

/** The methods of an array that hand its items on. */
const ITEM_METHODS = ['at', 'concat', 'filter', 'find', 'flatMap', 'join', 'map', 'slice'];

/** An entry of the catalog. */
export interface IEntry {
  files: string[];
  /** The note for translators. */
  note: string;
  /** The context, the text and the plural, as far as there are any. */
  texts: string[];
}

/** A call that translates. */
export interface ITranslation {
  file: string;
  /** What is called, e.g. "trans.__". */
  callee: string;
  /** Its texts; '' for one that is no literal. */
  texts: string[];
}

/** Code that makes a sentence of translated parts. */
export interface IBuilt {
  file: string;
  by: 'placeholder' | 'template' | 'join';
  code: string;
}

const FILES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .sort()
  .map(name => {
    const path = join('src', name);
    return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  });

const NODES = FILES.flatMap(file => descendants(file));

/** The functions and methods, by name. */
const FUNCTIONS = new Map<string, ts.Node[]>();
for (const node of NODES) {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) {
    const name = node.name?.getText() ?? '';
    FUNCTIONS.set(name, [...(FUNCTIONS.get(name) ?? []), node]);
  }
}

/** The entries of the catalog. */
export function catalogEntries(): IEntry[] {
  return readFileSync(CATALOG, 'utf8')
    .trim()
    .split('\n\n')
    .slice(1) // the header
    .map(entry => {
      const lines = (start: string) =>
        entry
          .split('\n')
          .filter(line => line.startsWith(start))
          .map(line => line.slice(start.length));
      return {
        files: lines('#: ').flatMap(line => line.split(' ')),
        note: lines('#. ').join(' '),
        texts: ['msgctxt ', 'msgid ', 'msgid_plural ']
          .flatMap(lines)
          .map(text => JSON.parse(text) as string)
      };
    });
}

/** All calls that translate. */
export function translations(): ITranslation[] {
  return NODES.filter(ts.isCallExpression)
    .filter(isTranslation)
    .map(node => ({
      file: node.getSourceFile().fileName,
      callee: node.expression.getText(),
      texts: node.arguments
        .slice(0, textCount(node))
        .map(text => (ts.isStringLiteral(text) ? text.text : ''))
    }));
}

/** All sentences that are built from parts. */
export function builtSentences(): IBuilt[] {
  return NODES.flatMap(node => {
    const found = (by: IBuilt['by']) => ({
      file: node.getSourceFile().fileName,
      by,
      code: node.getText().replace(/\s+/g, ' ')
    });
    if (ts.isCallExpression(node) && isTranslation(node)) {
      const values = node.arguments.slice(textCount(node));
      return values.some(value => isTranslated(value, isNamed)) ? [found('placeholder')] : [];
    }
    if (ts.isTemplateExpression(node) || isSum(node)) {
      return isTranslated(node) ? [found('template')] : [];
    }
    const joined = ts.isCallExpression(node) ? receiver(node, ['join']) : undefined;
    return joined && isTranslated(joined) ? [found('join')] : [];
  });
}

function descendants(root: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node) => {
    found.push(node);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(root, visit);
  return found;
}

function isTranslation(call: ts.CallExpression): boolean {
  return textCount(call) > 0;
}

function textCount({ expression }: ts.CallExpression): number {
  return ts.isPropertyAccessExpression(expression) ? (METHODS[expression.name.text] ?? 0) : 0;
}

function isSum(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
}

/** What one of these methods is called on. */
function receiver({ expression }: ts.CallExpression, methods: string[]): ts.Expression | undefined {
  return ts.isPropertyAccessExpression(expression) && methods.includes(expression.name.text)
    ? expression.expression
    : undefined;
}

/** Whether a function returns the name of a thing, which may fill a placeholder. */
function isNamed(call: ts.CallExpression): boolean {
  return call.expression.getText().endsWith('Name');
}

/**
 * Whether the value of an expression has translated text in it, as far as its own function and those that it calls show.
 *
 * @param isExempt - the calls whose text does not count
 */
function isTranslated(
  node: ts.Node | undefined,
  isExempt: (call: ts.CallExpression) => boolean = () => false,
  seen: readonly ts.Node[] = []
): boolean {
  if (!node || seen.includes(node)) {
    return false;
  }
  const known = [...seen, node];
  const is = (part: ts.Node | undefined): boolean => isTranslated(part, isExempt, known);
  if (ts.isCallExpression(node)) {
    const items = receiver(node, ITEM_METHODS);
    const { expression } = node;
    const name = ts.isIdentifier(expression)
      ? expression.text
      : ts.isPropertyAccessExpression(expression)
        ? expression.name.text
        : '';
    const parts = items ? [items, ...node.arguments] : (FUNCTIONS.get(name) ?? []);
    return !isExempt(node) && (isTranslation(node) || parts.some(is));
  }
  if (ts.isIdentifier(node)) {
    return valuesOf(node).some(is);
  }
  if (ts.isConditionalExpression(node)) {
    return is(node.whenTrue) || is(node.whenFalse);
  }
  if (ts.isPropertyAccessExpression(node) && node.name.text === 'length') {
    return false;
  }
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
    return is(node.expression);
  }
  if (ts.isFunctionLike(node) || ts.isBlock(node)) {
    return ts.isArrowFunction(node) && !ts.isBlock(node.body)
      ? is(node.body)
      : returned(node).some(is);
  }
  if (ts.isPropertyAssignment(node)) {
    return is(node.initializer);
  }
  return (
    isValue(node) &&
    node
      .getChildren()
      .some(child =>
        child.kind === ts.SyntaxKind.SyntaxList ? child.getChildren().some(is) : is(child)
      )
  );
}

/** Expressions that have the value of their parts. */
function isValue(node: ts.Node): boolean {
  return (
    ts.isArrayLiteralExpression(node) ||
    ts.isObjectLiteralExpression(node) ||
    ts.isSpreadElement(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isTemplateExpression(node) ||
    ts.isTemplateSpan(node) ||
    ts.isBinaryExpression(node)
  );
}

/** What a function returns; functions inside of it aside. */
function returned(root: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isReturnStatement(node) && node.expression) {
      found.push(node.expression);
    }
    if (!ts.isFunctionLike(node)) {
      ts.forEachChild(node, visit);
    }
  };
  ts.forEachChild(root, visit);
  return found;
}

/** What the variable of this name is set to in the function around it, or in one further out. */
function valuesOf(name: ts.Identifier): ts.Node[] {
  let scope: ts.Node = name;
  while (!ts.isSourceFile(scope)) {
    scope = scope.parent;
    const values = ts.isFunctionLike(scope) ? variables(scope).get(name.text) : undefined;
    if (values) {
      return values;
    }
  }
  return [];
}

const VARIABLES = new Map<ts.Node, Map<string, ts.Node[]>>();

/** The variables of a function, and what each is set to or gets pushed to it. */
function variables(scope: ts.Node): Map<string, ts.Node[]> {
  const known = VARIABLES.get(scope);
  if (known) {
    return known;
  }
  const found = new Map<string, ts.Node[]>();
  for (const node of descendants(scope)) {
    if (ts.isVariableDeclaration(node) && node.initializer) {
      found.set(node.name.getText(), [...(found.get(node.name.getText()) ?? []), node.initializer]);
    } else if (ts.isCallExpression(node)) {
      const list = receiver(node, ['push'])?.getText() ?? '';
      found.set(list, [...(found.get(list) ?? []), ...node.arguments]);
    }
  }
  VARIABLES.set(scope, found);
  return found;
}
