import { expect, it } from 'vitest';

import { builtSentences, catalogEntries, translations } from './helpers/translations';

const ENTRIES = catalogEntries();
const CALLS = translations();

it('every string of the sources is in the catalog, and no other', () => {
  const called = CALLS.map(({ file, texts }) => JSON.stringify([file, ...texts]));
  const listed = ENTRIES.flatMap(({ files, texts }) =>
    files.map(file => JSON.stringify([file, ...texts]))
  );
  const strings = listed.filter(entry => entry.startsWith('["src/'));
  expect(strings.sort(), 'run `make catalog`').toEqual([...new Set(called)].sort());
});

it('every string is translated by a call that JupyterLab’s tool extracts', () => {
  expect([...new Set(CALLS.map(({ callee }) => callee))].sort()).toEqual(
    expect.arrayContaining(['trans.__', 'trans._n'])
  );
  expect(CALLS.filter(({ callee }) => !/^trans\.(__|_n|_p|_np)$/.test(callee))).toEqual([]);
  expect(CALLS.filter(({ texts }) => texts.includes(''))).toEqual([]);
});

it('no text means two things in the catalog', () => {
  const singular = CALLS.map(({ callee, texts }) => [callee, ...texts.slice(0, 1)]);
  const plural = singular.filter(([callee]) => callee === 'trans._n').map(([, text]) => text);
  expect(
    singular.filter(([callee, text]) => callee === 'trans.__' && plural.includes(text))
  ).toEqual([]);
});

it('a string of placeholders only has a note for translators: a comment right behind its call', () => {
  const bare = ENTRIES.filter(
    ({ note, texts }) => !note && !/\p{L}/u.test(texts.join('').replaceAll(/%\d/g, ''))
  );
  expect(bare).toEqual([]);
});

it('a number of things has plural forms', () => {
  const things =
    /%\d (?:\w+ )?(?:advisories|copies|days|documents|files|hours|instances|items|minutes|packages|tabs|times)\b/;
  const counted = CALLS.filter(
    ({ callee, texts }) => callee === 'trans.__' && things.test(texts[0] ?? '')
  );
  expect(counted).toEqual([]);
});

/** Whole sentences are joined by Language.paragraph, names by Language.list. A function named `…Name` may fill a placeholder. */
it('no sentence is built from parts', () => {
  const built = builtSentences().map(({ file, by, code }) => `${file}: ${by}: ${code}`);
  expect(built).toEqual([]);
});
