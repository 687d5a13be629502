import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => join('src', name));

/** Return the sources that a source imports, including type imports and dynamic imports. */
function importsOf(source: string): string[] {
  const found = readFileSync(source, 'utf8').matchAll(/(?:from|import)[^']*'(\.[^']*)'/g);
  return [...found]
    .map(([, path = '']) => normalize(join(dirname(source), path)))
    .flatMap(path => [`${path}.ts`, join(path, 'index.ts')])
    .filter(path => SOURCES.includes(path));
}

const GRAPH = new Map(SOURCES.map(source => [source, importsOf(source)]));

/** Return all sources that a source imports directly or indirectly. */
function reachedFrom(source: string): Set<string> {
  const reached = new Set<string>();
  const open = [...(GRAPH.get(source) ?? [])];
  for (let next = open.pop(); next; next = open.pop()) {
    if (!reached.has(next)) {
      reached.add(next);
      open.push(...(GRAPH.get(next) ?? []));
    }
  }
  return reached;
}

it('every source is reached from the plugins', () => {
  const reached = reachedFrom('src/index.ts');
  expect(SOURCES.filter(source => !reached.has(source))).toEqual(['src/index.ts']);
});

it('no import leads back to where it came from, imports of types included', () => {
  expect(SOURCES.filter(source => reachedFrom(source).has(source))).toEqual([]);
});

it('the tokens import no dialog', () => {
  expect([...reachedFrom('src/tokens.ts')].filter(source => source.includes('/ui/'))).toEqual([]);
});
