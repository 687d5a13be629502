/**
 * "Why?": the dialog that explains. What it says is looked at anew when it opens: that a source was asked once more is no
 * news that every page is told. What is news is shown at once: a source may answer for the first time while it is open.
 */
import type { Api } from './api';
import { Arming } from './arming';
import type { Timer } from './arming';
import { button } from './dom';
import { explanation } from './explanation';
import type { Language } from './i18n';
import { Modal } from './modal';
import type { UpdateModel } from './model';
import { holdAt } from './protocol';
import type { IState } from './protocol';

/**
 * The dialog, about a state.
 *
 * @param timer - after which its buttons count
 */
export function why(
  language: Language,
  model: UpdateModel,
  api: Api,
  state: IState,
  timer?: Timer
): Modal {
  const { trans } = language;
  const close = () => {
    modal.dispose();
  };
  const release = button(trans.__('End the hold'), 'reject', () => {
    void api.release().then(
      answer => {
        model.update(answer);
        close();
      },
      () => undefined // it stays, and can be asked again
    );
  });
  const isHeld = holdAt(state, model.adviceNow) !== null;
  const modal = new Modal({
    role: 'dialog',
    title: trans.__('Why restart this notebook instance?'),
    body: explanation(language, state, model),
    buttons: [...(isHeld ? [release] : []), button(trans.__('Close'), 'accept', close)],
    onEscape: close
  });
  modal.node.classList.add('jp-NbUpdater-why');
  const arming = new Arming(() => {
    release.disabled = !arming.isArmed;
  }, timer);
  arming.begin();
  let shown = gist(state);
  const show = (fresh: IState) => {
    shown = gist(fresh);
    modal.setBody(...explanation(language, fresh, model));
  };
  const follow = () => {
    if (model.state && gist(model.state) !== shown) {
      show(model.state);
    }
  };
  model.changed.connect(follow);
  modal.disposed.connect(() => {
    model.changed.disconnect(follow);
  });
  api.state().then(
    fresh => {
      model.update(fresh);
      if (!modal.isDisposed) {
        show(fresh);
      }
    },
    () => undefined // what was known is shown already
  );
  return modal;
}

/** Times that pass by themselves: that they are others is not worth drawing the dialog again, under the hand of its reader. */
const PASSING = new Set(['checked', 'fetched', 'clock']);

/** All that is told, but for those. */
function gist({ advice, policy, hold, restart }: IState): string {
  return JSON.stringify([advice, policy, hold, restart.waiting_for], (key, value: unknown) =>
    PASSING.has(key) ? null : value
  );
}
