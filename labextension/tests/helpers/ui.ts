/**
 * The surfaces with another timer: what has just appeared counts when a test says so.
 */
import type { Timer } from '../../src/ui/clickGuard';
import type { Ui } from '../../src/ui/lazyUi';

/** As the page loads them, but for the time that passes. */
export async function surfacesWith(timer: Timer): Promise<Ui> {
  const all = await import('../../src/ui');
  type Of<T extends abstract new (...all: never[]) => unknown> = ConstructorParameters<T>;
  class ConfirmDialog extends all.ConfirmDialog {
    constructor(...[model, api, language, state]: Of<typeof all.ConfirmDialog>) {
      super(model, api, language, state, timer);
    }
  }
  class ProgressDialog extends all.ProgressDialog {
    constructor(...[language, state, cancel, reload]: Of<typeof all.ProgressDialog>) {
      super(language, state, cancel, reload, timer);
    }
  }
  class RestartedDialog extends all.RestartedDialog {
    constructor(...[language, model, api, outcome, close]: Of<typeof all.RestartedDialog>) {
      super(language, model, api, outcome, close, timer);
    }
  }
  class AddedPackagesDialog extends all.AddedPackagesDialog {
    constructor(...[language, model, api]: Of<typeof all.AddedPackagesDialog>) {
      super(language, model, api, timer);
    }
  }
  const whyDialog: Ui['whyDialog'] = (language, model, api, state) =>
    all.whyDialog(language, model, api, state, timer);
  return { ...all, AddedPackagesDialog, ProgressDialog, RestartedDialog, ConfirmDialog, whyDialog };
}
