/**
 * Document contexts that behave as JupyterLab's do: they serialise first, write over the network, and clear the dirty
 * flag afterwards, whatever was typed in between.
 */
import type { SavableContext } from '../src/saver';
import type { Server } from './server';

export class FakeContext {
  constructor(
    private readonly server: Server,
    readonly localPath: string,
    private text: string
  ) {
    const file = server.files.get(localPath) ?? server.write(localPath, text);
    this.contentsModel = { ...file, format: 'text' };
    // What JupyterLab serialises, at the moment it is asked.
    const current = (): string => this.text;
    this.model = {
      dirty: false,
      collaborative: false,
      toString: current,
      toJSON: current
    };
  }

  readonly ready = Promise.resolve();
  readonly model: { dirty: boolean; collaborative: boolean; toString(): string; toJSON(): unknown };
  contentsModel: Record<string, unknown>;
  /** Happens while the request is in flight. */
  duringSave: (() => void) | null = null;
  /** What the server does with the text. */
  onDisk: (text: string) => string = text => text;
  saves = 0;

  /** Change the text, as the person at the keyboard does. */
  type(text: string): void {
    this.text = text;
    this.model.dirty = true;
  }

  async save(): Promise<void> {
    this.saves += 1;
    const sent = this.text;
    await Promise.resolve();
    this.duringSave?.();
    const file = this.server.write(this.localPath, this.onDisk(sent));
    this.contentsModel = { ...file, format: 'text' };
    this.model.dirty = false;
  }

  /** As the saver sees it. */
  get context(): SavableContext {
    return this as unknown as SavableContext;
  }
}
