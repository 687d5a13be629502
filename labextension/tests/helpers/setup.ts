/**
 * Add to jsdom what it lacks of a browser.
 */
import { transferableAbortController } from 'node:util';

// Requests are Node's, which does not accept jsdom's signals: use Node's own.
const native = transferableAbortController();
Object.assign(globalThis, {
  AbortController: native.constructor,
  AbortSignal: native.signal.constructor
});
Object.assign(HTMLDialogElement.prototype, {
  showModal(this: HTMLDialogElement) {
    this.open = true;
  },
  close(this: HTMLDialogElement) {
    if (this.open) {
      this.open = false;
      this.dispatchEvent(new Event('close'));
    }
  }
});
Element.prototype.scrollIntoView = () => undefined;
// Lumino's widgets and JupyterLab's components use these at import.
class Observer {
  observe(): void {
    return;
  }
  disconnect(): void {
    return;
  }
}
Object.assign(globalThis, { DragEvent: class extends MouseEvent {}, ResizeObserver: Observer });
