/**
 * What a chaos run does in a page beyond clicking and typing: opening, changing, reading and closing documents through
 * JupyterLab's own application object (`LabApp.expose_app_in_browser`), and disturbing the page.
 */
(() => {
  const channels = new Set();
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args);
      if (String(args[0]).includes('/nb-updater/')) {
        channels.add(this);
        this.addEventListener('close', () => channels.delete(this));
      }
    }
  };
  let saving = Promise.resolve();
  const hearing = new WeakMap();
  const TOKEN = /T\d+x\d+E/g;
  const TYPES = { notebook: 'Notebook', text: 'Editor' };

  const manager = () =>
    window.jupyterapp.pluginRegistry._plugins.get('@jupyterlab/docmanager-extension:manager').service;
  const views = () => {
    const found = [];
    for (const widget of window.jupyterapp.shell.widgets('main')) {
      const context = manager().contextForWidget(widget);
      if (context) {
        found.push({ widget, context });
      }
    }
    return found;
  };
  const find = (path, type) => {
    const view = views().find(
      ({ context }) => context.localPath === path && (!type || type === kindOf(context))
    );
    if (!view) {
      throw new Error(`${path} is not open as ${type}`);
    }
    return view;
  };
  const kindOf = context => ('cells' in context.model ? 'notebook' : 'text');
  const source = ({ context }) =>
    kindOf(context) === 'notebook'
      ? context.model.sharedModel.cells[context.model.sharedModel.cells.length - 1]
      : context.model.sharedModel;
  const text = context => context.model.toString();
  const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
  /** Twenty seconds at most. */
  const inTime = promise => Promise.race([promise.catch(() => undefined), pause(20_000)]);
  const dismiss = () => {
    const buttons = document.querySelectorAll('.jp-Dialog .jp-Dialog-footer button.jp-mod-reject');
    const all = buttons.length ? buttons : document.querySelectorAll('.jp-Dialog .jp-Dialog-footer button');
    all.forEach(button => button.click());
    return all.length;
  };

  window.chaos = {
    async open(path, type, kernel) {
      const preference = kernel ? undefined : { shouldStart: false, canStart: false };
      const widget = manager().open(path, TYPES[type], undefined, undefined, preference);
      await widget.context.ready;
      await widget.revealed;
      if (kernel) {
        // A machine that is too busy starts none, and the run does without.
        await inTime(widget.context.sessionContext.ready);
      }
    },
    /** A page that is still starting answers nobody in time. */
    async settled() {
      while (!window.jupyterapp) {
        await pause(50);
      }
      await window.jupyterapp.restored;
      // A document that is gone is never ready: JupyterLab closes it in the end.
      for (let waited = 0; waited < 20_000 && !views().every(({ context }) => context.isReady); waited += 50) {
        await pause(50);
      }
      await new Promise(resolve => requestIdleCallback(resolve, { timeout: 5000 }));
      dismiss();
    },
    change(path, type, added) {
      const shared = source(find(path, type));
      const text = shared.getSource();
      // A notebook that is edited as text stays a notebook.
      const metadata = path.endsWith('.ipynb') && type === 'text' ? text.lastIndexOf('"metadata": {') : -1;
      if (metadata < 0) {
        shared.updateSource(text.length, undefined, added);
      } else {
        const at = metadata + '"metadata": {'.length;
        shared.updateSource(at, at, `"${added}": 1, `);
      }
    },
    /** Put the cursor at the end, as a click there would. */
    async focus(path, type) {
      const { widget } = find(path, type);
      window.jupyterapp.shell.activateById(widget.id);
      let { editor } = widget.content;
      if (type === 'notebook') {
        const notebook = widget.content;
        const last = notebook.widgets.length - 1;
        notebook.activeCellIndex = last;
        notebook.mode = 'edit';
        // A cell that is out of sight has no editor yet.
        await notebook.scrollToItem(last).catch(() => undefined);
        for (let wait = 0; !notebook.activeCell.editor && wait < 200; wait++) {
          await new Promise(resolve => setTimeout(resolve, 10));
        }
        editor = notebook.activeCell.editor;
      }
      editor.focus();
      const last = editor.lineCount - 1;
      editor.setCursorPosition({ line: last, column: editor.getLine(last).length });
    },
    openAll: wanted => Promise.all(wanted.map(view => window.chaos.open(...view))).then(() => dismiss()),
    /** To JupyterLab's own question, whether to overwrite what another editor saved, the answer is no. */
    async save(path, type) {
      const closing = setInterval(dismiss, 200);
      window.chaos.startSave(path, type);
      const isSaved = await window.chaos.saved();
      clearInterval(closing);
      return isSaved;
    },
    startSave(path, type) {
      saving = find(path, type).context.save().then(() => true, () => false);
    },
    saved: () => inTime(saving),
    async run(path) {
      const { widget } = find(path, 'notebook');
      window.jupyterapp.shell.activateById(widget.id);
      void window.jupyterapp.commands.execute('notebook:run-all-cells');
    },
    held: () =>
      views().map(({ context }) => ({
        path: context.localPath,
        dirty: context.model.dirty,
        tokens: [...new Set(text(context).match(TOKEN) ?? [])]
      })),
    close(path, type) {
      find(path, type).widget.dispose();
    },
    /** Everything away, so that the next run finds an empty page. */
    async clear() {
      dismiss();
      const open = views();
      // A document that is closed while its kernel starts leaves a connection behind, which nobody can be asked about.
      await inTime(Promise.all(open.map(({ context }) => context.sessionContext.ready)));
      const sessions = open.map(({ context }) => context.sessionContext).filter(one => one.session);
      await Promise.all(sessions.map(one => one.shutdown().catch(() => undefined)));
      for (const { widget } of open) {
        widget.dispose();
      }
      dismiss();
    },
    dismiss,
    /** A page that is closed before this would be expected for a while. */
    async connected() {
      for (let wait = 0; ![...channels].some(socket => socket.readyState === 1) && wait < 120; wait++) {
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    },
    mute(how) {
      for (const socket of channels) {
        if (how !== 'deaf') {
          socket.send = () => undefined;
        }
        if (how !== 'dumb') {
          hearing.set(socket, socket.onmessage);
          socket.onmessage = null;
        }
      }
    },
    unmute() {
      for (const socket of channels) {
        delete socket.send;
        socket.onmessage ??= hearing.get(socket) ?? null;
      }
    },
    drop() {
      channels.forEach(socket => socket.close());
    },
    /** Keep the main thread busy, beginning when this call has returned. */
    block(milliseconds) {
      setTimeout(() => {
        const end = Date.now() + milliseconds;
        while (Date.now() < end);
      });
    }
  };
})();
