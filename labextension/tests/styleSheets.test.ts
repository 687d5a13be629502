/** The style sheets, which are loaded with the dialogs. */
import { afterEach, expect, test } from 'vitest';

import { LazyUi } from '../src/ui/lazyUi';
import type { Ui } from '../src/ui/lazyUi';
import { loadStyleSheet } from '../src/ui/dom';

const sheets = () => [...document.head.querySelectorAll('link[rel="stylesheet"]')];

function answer(event: 'load' | 'error'): void {
  sheets().at(-1)?.dispatchEvent(new Event(event));
}

afterEach(() => {
  document.head.replaceChildren();
});

test('a style sheet is there once the server has sent it', async () => {
  const loading = loadStyleSheet('dialogs.css');
  answer('load');
  await loading;
  expect(sheets().map(sheet => sheet.getAttribute('href'))).toEqual(['dialogs.css']);
});

test('the user interface waits for its style sheets, and asks again for one that did not arrive', async () => {
  const ui = {} as Ui;
  const lazyUi = new LazyUi(async () => {
    await loadStyleSheet('dialogs.css');
    return ui;
  });
  const first = lazyUi.load();
  answer('error');
  expect(await first).toBeNull();
  expect(sheets()).toEqual([]);

  const second = lazyUi.load();
  expect(lazyUi.current).toBeNull();
  answer('load');
  expect(await second).toBe(ui);
  expect(sheets()).toHaveLength(1);
});
