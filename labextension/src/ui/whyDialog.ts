/**
 * Explain why a restart is advised: the reasons, every signal with its evidence and its age, the policy and who set it,
 * and what happens if nobody does anything. All of it is text, also where it comes from an organization or a package list.
 *
 * The dialog gets a new state when it opens, because the server sends none when a source was merely asked once more. It
 * shows news at once: a source may answer for the first time while the dialog is open.
 */
import * as words from '../i18n/advice';
import { waitReason } from '../i18n/banner';
import type { IClocks } from '../i18n/banner';
import { holdChoice } from '../i18n/confirm';
import { ago } from '../i18n/format';
import type { Language } from '../i18n/language';
import { policyProblem, policyRows } from '../i18n/policy';
import * as signals from '../i18n/signals';
import type { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import { holdAt } from '../server/protocol';
import type { IAdvice, IAdvisory, ISignalReport, IState } from '../server/protocol';
import { ClickGuard } from './clickGuard';
import type { Timer } from './clickGuard';
import { button, element, factRows, link, listItem, listSection, section } from './dom';
import { Modal } from './modal';

/**
 * Create the dialog "Why?" for a state.
 *
 * @param timer - of the click guard; a test has its own
 */
export function whyDialog(
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
      () => undefined // the dialog stays open, and the button can be clicked again
    );
  });
  const isHeld = holdAt(state, model.adviceNow) !== null;
  const modal = new Modal({
    role: 'dialog',
    title: trans.__('Why restart this notebook instance?'),
    body: whySections(language, state, model),
    buttons: [...(isHeld ? [release] : []), button(trans.__('Close'), 'accept', close)],
    onEscape: close
  });
  modal.node.classList.add('jp-NbUpdater-why');
  const guard = new ClickGuard(() => {
    release.disabled = !guard.allowsClicks;
  }, timer);
  guard.restart();
  let shown = contentKey(state);
  const show = (fresh: IState) => {
    shown = contentKey(fresh);
    modal.setBody(...whySections(language, fresh, model));
  };
  const follow = () => {
    if (model.state && contentKey(model.state) !== shown) {
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
    () => undefined // the last known state is shown already
  );
  return modal;
}

/** Times that change by themselves: they are no reason to draw the dialog again while somebody reads it. */
const VOLATILE_KEYS = new Set(['checked', 'fetched', 'clock']);

/** Serialize everything that the dialog shows, except for those times. */
function contentKey({ advice, policy, hold, restart }: IState): string {
  return JSON.stringify([advice, policy, hold, restart.waiting_for], (key, value: unknown) =>
    VOLATILE_KEYS.has(key) ? null : value
  );
}

/** How many advisories are shown unfolded. */
const MAX_ADVISORIES_SHOWN = 5;

/** From the most to the least severe. */
const SEVERITY_ORDER = ['critical', 'important', 'medium', 'low'];

/** Build all sections, in the order in which they are read. */
export function whySections(
  language: Language,
  state: IState,
  { now, adviceNow }: IClocks
): HTMLElement[] {
  const { trans } = language;
  const hold = holdAt(state, adviceNow);
  return [
    ...paragraphs(words.leadSentences(language, state)),
    ...(hold
      ? paragraphs([`${holdChoice(language, hold)}.`, ...words.holdSentences(language, state)])
      : []),
    ...listed(
      trans.__('The restart waits for'),
      state.restart.waiting_for.map(reason => listItem(waitReason(language, reason, now)))
    ),
    ...listed(
      trans.__('What asks for it'),
      state.advice.reasons.map(reason =>
        listItem(...words.reasonItem(language, state.advice, reason))
      )
    ),
    ...ineffectiveReasons(language, state.advice),
    ...plan(language, state),
    ...state.advice.signals.map(signal => signalBlock(language, signal, state.advice, adviceNow)),
    ...policy(language, state, adviceNow)
  ];
}

function paragraphs(sentences: string[]): HTMLElement[] {
  return sentences.map(sentence => element('p', 'jp-NbUpdater-text', sentence));
}

function listed(heading: string, items: HTMLElement[]): HTMLElement[] {
  return items.length > 0 ? [listSection(heading, ...items)] : [];
}

function ineffectiveReasons(language: Language, advice: IAdvice): HTMLElement[] {
  const { trans } = language;
  const remark = words.ineffectiveRemark(language, advice);
  return listed(
    trans.__('What a restart did not change'),
    advice.ineffective.map(id => listItem(words.reasonName(language, advice, id), remark))
  );
}

function signalBlock(
  language: Language,
  signal: ISignalReport,
  advice: IAdvice,
  now: number
): HTMLElement {
  const { trans } = language;
  const name = signals.signalName(language, signal.name);
  const state = signals.signalState(language, signal, advice);
  const checked = ago(language, signal.checked, now);
  const facts = signals.signalEvidence(language, signal);
  return section(
    trans.__('%1: %2', name, state),
    ...paragraphs([signals.signalSentence(language, signal)]),
    factRows([...facts, ...(checked ? [[trans.__('Checked'), checked] as [string, string]] : [])]),
    ...advisories(language, signal.advisories),
    ...(signal.link
      ? [element('p', 'jp-NbUpdater-text', link(source(language, signal.link), signal.link))]
      : [])
  );
}

function source({ trans }: Language, href: string): string {
  return /^https:\/\/[^/]*\b(amazon|amazonaws)\.com\//.test(href)
    ? trans.__('What AWS says')
    : trans.__('More about this');
}

function advisories(language: Language, all: IAdvisory[]): HTMLElement[] {
  const { trans } = language;
  const rank = ({ severity }: IAdvisory) => SEVERITY_ORDER.indexOf(severity ?? '') + 1 || 9;
  const lines = [...all]
    .sort((one, other) => rank(one) - rank(other))
    .map(advisory => advisoryLine(language, advisory));
  const list = (items: HTMLElement[]) => element('ul', 'jp-NbUpdater-list', ...items);
  const rest = lines.slice(MAX_ADVISORIES_SHOWN);
  return [
    ...(lines.length > 0 ? [list(lines.slice(0, MAX_ADVISORIES_SHOWN))] : []),
    ...(rest.length > 0
      ? [
          element(
            'details',
            'jp-NbUpdater-more',
            element('summary', '', trans.__('%1 more', rest.length)),
            list(rest)
          )
        ]
      : [])
  ];
}

function advisoryLine(language: Language, advisory: IAdvisory): HTMLElement {
  const { trans } = language;
  const published = language.date(advisory.published);
  const facts = [
    words.severityWord(language, advisory),
    published ? trans.__('published %1', published) : '',
    advisory.cves.join(', '),
    advisory.text
  ];
  return element(
    'li',
    'jp-NbUpdater-item',
    link(advisory.id, advisory.link),
    ...facts
      .filter(fact => fact !== '')
      .flatMap(fact => [' – ', element('span', 'jp-NbUpdater-remark', fact)])
  );
}

function policy(language: Language, { policy }: IState, now: number): HTMLElement[] {
  if (!policy) {
    return [];
  }
  const { trans } = language;
  const { origin } = policy;
  const problem = policyProblem(language, origin, now);
  return [
    section(
      trans.__('The policy in force'),
      ...(origin.message ? [element('blockquote', 'jp-NbUpdater-quote', origin.message)] : []),
      factRows(policyRows(language, policy)),
      ...(problem ? [element('p', 'jp-NbUpdater-problem', problem)] : []),
      ...(origin.link
        ? [
            element(
              'p',
              'jp-NbUpdater-text',
              link(trans.__('The page of the organisation'), origin.link)
            )
          ]
        : [])
    )
  ];
}

function plan(language: Language, state: IState): HTMLElement[] {
  const { trans } = language;
  const steps = state.advice.plan.map(step => listItem(words.stepItem(language, step, state)));
  const { required, plan: all } = state.advice;
  const isForced = required || all.some(({ code }) => code === 'required');
  return [
    listSection(
      trans.__('What happens if nothing is done'),
      ...steps,
      ...(isForced ? [] : [listItem(words.noForce(language))])
    )
  ];
}
