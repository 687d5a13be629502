import { expect, it } from 'vitest';

import { ago, bytes } from '../src/i18n/format';
import { Language } from '../src/i18n/language';
import { NOW } from './helpers/states';

const language = new Language(null);

it.each([
  [5, '5 s'],
  [382, '6 min 22 s'],
  [7260, '2 h 1 min'],
  [-3, '0 s']
])('%d seconds are %s', (seconds, text) => {
  expect(language.duration(seconds)).toBe(text);
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
