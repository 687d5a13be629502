import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import { BoxLayout, Panel, Widget } from '@lumino/widgets';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { attachBanner, detachBanner } from '../src/ui/attachBanner';

let banner: Widget;

beforeEach(() => {
  banner = new Widget();
});

afterEach(() => {
  banner.dispose();
});

it('goes into the header of JupyterLab', () => {
  const add = vi.fn();
  attachBanner(banner, {} as unknown as JupyterFrontEnd.IShell, { add } as unknown as ILabShell);
  expect(add).toHaveBeenCalledWith(banner, 'header', { rank: 0 });
});

describe('in Notebook 7', () => {
  let shell: Widget;

  beforeEach(() => {
    shell = new Widget();
    const layout = (shell.layout = new BoxLayout());
    layout.addWidget(new Panel());
    Widget.attach(shell, document.body);
  });

  afterEach(() => {
    shell.dispose();
  });

  const widgets = () => [...(shell.layout as BoxLayout)];

  it('goes on top of everything, without a share of the height', () => {
    attachBanner(banner, shell as unknown as JupyterFrontEnd.IShell, null);
    expect(widgets()[0]).toBe(banner);
    expect(BoxLayout.getStretch(banner)).toBe(0);
  });

  it('is there once, however often it is placed', () => {
    attachBanner(banner, shell as unknown as JupyterFrontEnd.IShell, null);
    attachBanner(banner, shell as unknown as JupyterFrontEnd.IShell, null);
    expect(widgets()).toHaveLength(2);
  });

  it('gives its line back, and can come again', () => {
    attachBanner(banner, shell as unknown as JupyterFrontEnd.IShell, null);
    detachBanner(banner);
    expect(widgets()).toHaveLength(1);
    attachBanner(banner, shell as unknown as JupyterFrontEnd.IShell, null);
    expect(widgets()[0]).toBe(banner);
  });
});

it('stays away from a shell that it does not know', () => {
  expect(() => {
    attachBanner(banner, {} as unknown as JupyterFrontEnd.IShell, null);
  }).not.toThrow();
  expect(banner.isAttached).toBe(false);
});
