/**
 * What jsdom lacks of a browser.
 */
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
// Lumino's widgets and JupyterLab's components name these at import.
class Observer {
  observe(): void {
    return;
  }
  disconnect(): void {
    return;
  }
}
Object.assign(globalThis, { DragEvent: class extends MouseEvent {}, ResizeObserver: Observer });
