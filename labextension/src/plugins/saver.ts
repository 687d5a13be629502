/**
 * The plugin that saves: it tells the server what is open in this tab, and answers each save round once.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IDocumentManager, IDocumentWidgetOpener } from '@jupyterlab/docmanager';

import { withoutDialogs } from '../dialogs';
import { Disk } from '../disk';
import { Documents } from '../documents';
import type { UpdateModel } from '../model';
import { saveAll } from '../round';
import { Rounds } from '../rounds';
import { Saver } from '../saver';
import { ISaveAll, IUpdateModel, NAME } from '../tokens';

export const saverPlugin: JupyterFrontEndPlugin<ISaveAll> = {
  id: `${NAME}:saver`,
  description: 'Saves every open document and proves it by reading it back.',
  autoStart: true,
  provides: ISaveAll,
  requires: [IUpdateModel, IDocumentManager],
  optional: [IDocumentWidgetOpener],
  activate: (
    app: JupyterFrontEnd,
    model: UpdateModel,
    manager: IDocumentManager,
    opener: IDocumentWidgetOpener | null
  ): ISaveAll => {
    const documents = new Documents(app.shell, manager, opener);
    const saver = new Saver(new Disk(app.serviceManager.serverSettings));
    const save: ISaveAll = budget =>
      withoutDialogs(() => saveAll(saver, documents.contexts(), budget));
    const tell = () => {
      model.setDocuments(documents.list());
    };
    documents.changed.connect(tell);
    void app.restored.then(tell);
    const rounds = new Rounds(model, save);
    model.changed.connect(() => {
      rounds.follow();
    });
    return save;
  }
};
