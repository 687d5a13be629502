/**
 * Document contexts that behave like JupyterLab's: they serialize first, write over the network, and then clear the dirty flag,
 * even if text was typed in between.
 */
import { Signal } from '@lumino/signaling';

import type { SavableContext } from '../../src/saving/tabContent';
import type { Server } from './server';

type Listener = (transaction: { changed: Map<unknown, unknown> }) => void;

export class FakeContext {
  /** @param content - text, or a notebook as JSON */
  constructor(
    private readonly server: Server,
    public localPath: string,
    private content: unknown,
    file = server.files.get(localPath) ?? server.write(localPath, content)
  ) {
    this.contentsModel = this.known(file, typeof content === 'string' ? 'text' : 'json');
    const isNotebook = typeof content !== 'string';
    // The content that JupyterLab serializes at this moment.
    const current = (): unknown => structuredClone(this.content);
    this.model = {
      dirty: false,
      collaborative: false,
      sharedModel: {
        ystate: 'state',
        ydoc: { on: (_: string, listener: Listener) => this.listeners.push(listener) }
      },
      contentChanged: new Signal<object, void>({}),
      toString: current,
      toJSON: current,
      ...(isNotebook ? { cells: [] } : {})
    };
    this.ready = Promise.resolve().then(() => {
      this.isReady = true;
    });
  }

  readonly ready: Promise<void>;
  isReady = false;
  readonly saveState = new Signal<object, string>({});
  readonly model: { dirty: boolean; collaborative: boolean } & Record<string, unknown>;
  contentsModel: Record<string, unknown>;
  /** Called while the request is in flight. */
  duringSave: (() => void) | null = null;
  /** Handles the content on the server. */
  onDisk: (content: unknown) => unknown = content => content;
  saves = 0;

  /** Change the text like a user. */
  type(content: unknown): void {
    this.content = content;
    this.model.dirty = true;
    this.listeners.forEach(listener => {
      listener({ changed: new Map([['source', null]]) });
    });
  }

  async save(): Promise<void> {
    this.saves += 1;
    this.saveState.emit('started');
    const sent = structuredClone(this.content);
    await Promise.resolve();
    this.duringSave?.();
    const file = this.server.write(this.localPath, this.onDisk(sent));
    this.contentsModel = this.known(file, this.contentsModel.format);
    this.model.dirty = false;
    this.listeners.forEach(listener => {
      listener({ changed: new Map([['state', null]]) });
    });
    this.saveState.emit('completed');
  }

  /** The context as the saver sees it. */
  get context(): SavableContext {
    return this as unknown as SavableContext;
  }

  private known(file: object, format: unknown): Record<string, unknown> {
    const known: Record<string, unknown> = { ...file, format };
    delete known.content;
    if (!this.server.tellsHashes) {
      delete known.hash;
    }
    return known;
  }

  private readonly listeners: Listener[] = [];
}
