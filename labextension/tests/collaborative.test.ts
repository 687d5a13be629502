import { describe, expect, it } from 'vitest';

import { waitForServerSave } from '../src/saving/collaborative';

/** A file and a tab that return the next version at each read; the last one stays. */
function versions(...all: unknown[]) {
  let at = 0;
  return () => all[Math.min(at++, all.length - 1)];
}

async function outcome(tab: unknown[], disk: unknown[]) {
  const onDisk = versions(...disk);
  return waitForServerSave(versions(...tab), () => Promise.resolve(onDisk()), [0, 0, 0]);
}

describe('a shared document', () => {
  it('is saved when the file holds it at once', async () => {
    expect(await outcome(['mine'], ['mine'])).toBe('same');
  });

  it('is saved when the server writes it a moment later', async () => {
    expect(await outcome(['mine'], ['old', 'old', 'mine'])).toBe('same');
  });

  it('is saved when somebody else goes on typing in it', async () => {
    expect(await outcome(['mine', 'ours'], ['old', 'ours'])).toBe('same');
  });

  it('is not saved when the file never holds it', async () => {
    expect(await outcome(['mine'], ['old'])).toBe('different');
  });

  it('is not saved when the tab takes over what was on disk before', async () => {
    expect(await outcome(['mine', 'theirs'], ['theirs'])).toBe('replaced');
  });

  it('is not saved when there is no file', async () => {
    expect(await outcome(['mine'], [null])).toBe('deleted');
  });

  it('is saved when its line endings became those of the server', async () => {
    expect(await outcome(['a\nb'], ['a\r\nb'])).toBe('same');
  });
});
