/**
 * Report the open documents of this tab to the server, and take part in each save round.
 */
import { ILabStatus } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IDocumentManager, IDocumentWidgetOpener } from '@jupyterlab/docmanager';
import type { Widget } from '@lumino/widgets';

import { NAME } from '../constants';
import { ContentsClient } from '../saving/contents';
import { Documents } from '../saving/documents';
import { SaveRoundResponder, saveRound } from '../saving/saveRound';
import { Saver } from '../saving/saver';
import { suppressDialogs } from '../saving/suppressDialogs';
import { unsavedWidgets } from '../saving/unsavedWidgets';
import type { UpdateModel } from '../server/model';
import { ISaveAll, IUpdateModel } from '../tokens';

export const saverPlugin: JupyterFrontEndPlugin<ISaveAll> = {
  id: `${NAME}:saver`,
  description: 'Saves every open document and verifies it on disk.',
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
    const saver = new Saver(new ContentsClient(app.serviceManager.serverSettings));
    const isDocument = (widget: Widget) => manager.contextForWidget(widget) !== undefined;
    const reportDocuments = () => {
      model.setDocuments(documents.list());
    };
    documents.changed.connect(reportDocuments);
    void app.restored.then(reportDocuments);
    const saveAll: ISaveAll = {
      save: async budgetMs => {
        const contexts = documents.contexts();
        return {
          documents: await suppressDialogs(() => saveRound(saver, contexts, budgetMs)),
          unsaved_widgets: unsavedWidgets(app.shell, status, documents.contexts(), isDocument)
        };
      },
      discardRescued: () => {
        saver.discardRescued(documents.contexts());
      }
    };
    const responder = new SaveRoundResponder(model, saveAll);
    model.observe(() => {
      responder.respond();
    });
    return saveAll;
  }
};
