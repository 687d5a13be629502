import { describe, expect, it } from 'vitest';

import { isSame, isSameButOutputs } from '../src/saving/compare';

function notebook(over: Record<string, unknown> = {}, cell: Record<string, unknown> = {}) {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'python3' } },
    cells: [{ cell_type: 'code', id: 'a', source: 'x = 1\ny', metadata: {}, outputs: [], ...cell }],
    ...over
  };
}

describe('two texts are the same', () => {
  it('when they differ in line endings only', () => {
    expect(isSame('a\r\nb\rc', 'a\nb\nc')).toBe(true);
  });

  it('not when one character differs', () => {
    expect(isSame('a\nb', 'a\nb\n')).toBe(false);
  });
});

describe('two notebooks are the same', () => {
  it('when their keys are in another order', () => {
    const { cells, ...rest } = notebook();
    expect(isSame(notebook(), { cells, ...rest })).toBe(true);
  });

  it('when the server split the source and the outputs into lines', () => {
    const mine = notebook({}, { outputs: [{ output_type: 'stream', text: 'a\nb\n' }] });
    const disk = notebook(
      {},
      { source: ['x = 1\n', 'y'], outputs: [{ output_type: 'stream', text: ['a\n', 'b\n'] }] }
    );
    expect(isSame(mine, disk)).toBe(true);
  });

  it('when the server marked a cell as trusted', () => {
    expect(isSame(notebook(), notebook({}, { metadata: { trusted: true } }))).toBe(true);
  });

  it('when the server dropped what is transient', () => {
    const mine = notebook({ metadata: { kernelspec: { name: 'python3' }, orig_nbformat: 4 } });
    expect(isSame(mine, notebook())).toBe(true);
  });

  it('when an older format carries no cell ids', () => {
    const disk = notebook({ nbformat_minor: 4 }, { id: undefined });
    expect(isSame(notebook({ nbformat_minor: 4 }), disk)).toBe(true);
  });
});

describe('two notebooks differ', () => {
  it.each([
    ['a source', notebook({}, { source: 'x = 2\ny' })],
    ['an output', notebook({}, { outputs: [{ output_type: 'stream', text: 'a' }] })],
    ['the metadata', notebook({ metadata: { kernelspec: { name: 'ir' } } })],
    ['a cell id', notebook({}, { id: 'b' })],
    ['the number of cells', notebook({ cells: [] })]
  ])('in %s', (_, other) => {
    expect(isSame(notebook(), other)).toBe(false);
  });

  it('when a list under a JSON type is not the string of its parts', () => {
    const output = (value: unknown) =>
      notebook(
        {},
        { outputs: [{ output_type: 'display_data', data: { 'application/json': value } }] }
      );
    expect(isSame(output(['a', 'b']), output('ab'))).toBe(false);
  });
});

describe('two notebooks differ in outputs only', () => {
  it('when the kernel has written meanwhile', () => {
    const later = notebook(
      {},
      { outputs: [{ output_type: 'stream', text: 'a' }], execution_count: 2 }
    );
    expect(isSame(notebook(), later)).toBe(false);
    expect(isSameButOutputs(notebook(), later)).toBe(true);
  });

  it('not when a source differs', () => {
    expect(isSameButOutputs(notebook(), notebook({}, { source: 'x' }))).toBe(false);
  });
});

it('a key without a value is not there', () => {
  expect(isSame(notebook({}, { execution_count: undefined }), notebook())).toBe(true);
  expect(isSame(notebook({}, { execution_count: null }), notebook())).toBe(false);
});

it('an attachment is joined, and counts', () => {
  const attached = (value: unknown) =>
    notebook({}, { attachments: { 'a.png': { 'image/png': value } } });
  expect(isSame(attached('ab'), attached(['a', 'b']))).toBe(true);
  expect(isSame(attached('ab'), attached('ac'))).toBe(false);
});

it('says nothing of a file that is not there', () => {
  expect(isSame('', null)).toBe(false);
});
