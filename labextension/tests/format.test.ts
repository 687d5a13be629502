import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import { ago, bytes } from '../src/i18n/format';
import { Language } from '../src/i18n/language';
import { NOW } from './helpers/states';

const language = new Language(null);
const german = new Language({
  languageCode: 'de-DE',
  load: domain => nullTranslator.load(domain)
});

it.each([
  [5, '5 sec'],
  [60, '1 min'],
  [382, '6 min 22 sec'],
  [3605, '1 hr'],
  [7260, '2 hr 1 min'],
  [86_400, '1 day'],
  [180_000, '2 days 2 hr'],
  [-3, '0 sec']
])('%d seconds are %s', (seconds, text) => {
  expect(language.duration(seconds)).toBe(text);
});

it.each([
  [[], ''],
  [['a.ipynb'], 'a.ipynb'],
  [['a.ipynb', 'b.ipynb'], 'a.ipynb and b.ipynb'],
  [['a.ipynb', 'b.ipynb', 'c.ipynb'], 'a.ipynb, b.ipynb, and c.ipynb']
])('%j is the list “%s”', (names, text) => {
  expect(language.list(names)).toBe(text);
});

it('writes lists, durations and sizes in the language of the page', () => {
  expect(german.list(['a.ipynb', 'b.ipynb', 'c.ipynb'])).toBe('a.ipynb, b.ipynb und c.ipynb');
  expect(german.duration(382)).toBe('6 Min., 22 Sek.');
  expect(bytes(german, 3_400_000_000)).toBe('3,4\u00a0GB');
});

it.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [3_400_000_000, '3.4 GB'],
  [5e15, '5,000 TB']
])('%d bytes are %s', (count, text) => {
  expect(bytes(language, count)).toBe(text);
});

it('has no words for a day that there is not', () => {
  expect(language.date(null)).toBe('');
  expect(language.dateTime('yesterday')).toBe('');
});

it.each([
  [0, 'now'],
  [-5, 'now'],
  [59, 'now'],
  [60, '1 minute ago'],
  [7199, '119 minutes ago'],
  [7200, '2 hours ago'],
  [172_800, '2 days ago']
])('%d seconds are %s', (seconds, text) => {
  expect(ago(language, NOW, Date.parse(NOW) + seconds * 1000)).toBe(text);
});

it('says of no time how long ago it was', () => {
  expect(ago(language, null, 0)).toBe('');
});
