/**
 * Show a native modal `<dialog>` that looks like JupyterLab's own Dialog.
 *
 * Native, because the browser then makes everything else inert, holds the focus and gives it back: JupyterLab's Dialog
 * covers the page but leaves it to be typed into. The inner classes are JupyterLab's, so that a theme reaches them.
 */
import type { IObservableDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import pageStyles from '../../style/page.raw.css?inline';
import { addStyles, element, uniqueId } from './dom';

addStyles(pageStyles);

export interface IModalOptions {
  role: 'dialog' | 'alertdialog';
  title: string;
  body: Node[];
  buttons: HTMLButtonElement[];
  /** What Escape does; without it nothing but a button ends the dialog. */
  onEscape?: () => void;
}

export class Modal implements IObservableDisposable {
  constructor(options: IModalOptions) {
    const title = element('h2', 'jp-NbUpdater-title', options.title);
    title.id = uniqueId();
    title.tabIndex = -1;
    this._title = title;
    this._body = element('div', 'jp-Dialog-body', ...options.body);
    this._body.id = uniqueId();
    this._footer = element('div', 'jp-Dialog-footerButtons', ...options.buttons);
    this._onEscape = options.onEscape ?? null;
    this.node = element(
      'dialog',
      'jp-ThemedContainer jp-NbUpdater-modal',
      element(
        'div',
        'jp-Dialog-content jp-NbUpdater-content',
        element('div', 'jp-Dialog-header', title),
        this._body,
        this._pinned,
        element('div', 'jp-Dialog-footer', this._footer)
      )
    );
    this.node.setAttribute('role', options.role);
    this.node.setAttribute('aria-modal', 'true');
    this.node.setAttribute('aria-labelledby', title.id);
    if (options.role === 'alertdialog') {
      // Screen readers read an alert at once and whole; of another dialog they read only the title.
      this.node.setAttribute('aria-describedby', this._body.id);
    }
    this.node.addEventListener('close', this._reopen);
    this.node.addEventListener('cancel', event => {
      event.preventDefault();
    });
  }

  readonly node: HTMLDialogElement;

  /** Emitted when the dialog has closed. */
  readonly disposed = new Signal<this, void>(this);

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Open it, with the focus on `focus`, or else on the title, where no key does anything. */
  open(focus: HTMLElement = this._title): void {
    document.body.append(this.node);
    window.addEventListener('keydown', this._onKeydown, true);
    this._focus = focus;
    this._reopen();
  }

  /** Replace the body; the focus stays where it is as long as its element stays. */
  setBody(...body: Node[]): void {
    this._body.replaceChildren(...body);
  }

  /** Put something between the body, which scrolls, and the buttons: it is always in sight. */
  setPinned(...pinned: Node[]): void {
    this._pinned.replaceChildren(...pinned);
  }

  /** Replace the buttons. */
  setButtons(...buttons: HTMLButtonElement[]): void {
    this._footer.replaceChildren(...buttons);
    if (!this.node.contains(document.activeElement)) {
      this._title.focus();
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.removeEventListener('keydown', this._onKeydown, true);
    this.node.close();
    this.node.remove();
    this.disposed.emit();
  }

  /** Chrome closes a modal dialog on the second Escape whatever the page says: then it is shown again. */
  private readonly _reopen = (): void => {
    if (!this._isDisposed && !this.node.open) {
      this.node.showModal();
      this._focus.focus();
    }
  };

  /** Handle keys before JupyterLab's shortcuts do, none of which may reach the page behind. */
  private readonly _onKeydown = (event: KeyboardEvent): void => {
    event.stopImmediatePropagation();
    const isHeldEnter = event.key === 'Enter' && event.repeat;
    const isSave = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's';
    if (event.key === 'Escape' || isHeldEnter || isSave) {
      event.preventDefault();
    }
    if (event.key === 'Escape') {
      this._onEscape?.();
    }
  };

  private readonly _title: HTMLElement;
  private readonly _body: HTMLElement;
  private readonly _pinned = element('div', 'jp-NbUpdater-pinned');
  private readonly _footer: HTMLElement;
  private readonly _onEscape: (() => void) | null;
  private _focus: HTMLElement = document.body;
  private _isDisposed = false;
}
