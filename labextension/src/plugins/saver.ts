/**
 * The plugin that saves: it tells the server what is open in this tab, and answers each save round once.
 */
import { ILabStatus } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IDocumentManager, IDocumentWidgetOpener } from '@jupyterlab/docmanager';
import type { Widget } from '@lumino/widgets';

import { withoutDialogs } from '../dialogs';
import { Disk } from '../disk';
import { Documents } from '../documents';
import { unsavedElsewhere } from '../elsewhere';
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
  optional: [IDocumentWidgetOpener, ILabStatus],
  activate: (
    app: JupyterFrontEnd,
    model: UpdateModel,
    manager: IDocumentManager,
    opener: IDocumentWidgetOpener | null,
    status: ILabStatus | null
  ): ISaveAll => {
    const documents = new Documents(app.shell, manager, opener);
    const saver = new Saver(new Disk(app.serviceManager.serverSettings));
    const isDocument = (widget: Widget) => manager.contextForWidget(widget) !== undefined;
    const save = async (budget: number) => {
      const contexts = documents.contexts();
      return {
        documents: await withoutDialogs(() => saveAll(saver, contexts, budget)),
        elsewhere: unsavedElsewhere(app.shell, status, documents.contexts(), isDocument)
      };
    };
    const tell = () => {
      model.setDocuments(documents.list());
    };
    documents.changed.connect(tell);
    void app.restored.then(tell);
    const all = {
      save,
      letGo: () => {
        saver.letGo(documents.contexts());
      }
    };
    const rounds = new Rounds(model, all);
    model.follow(() => {
      rounds.follow();
    });
    return all;
  }
};
