/**
 * Explain at a glance whether a restart is needed: the verdict and its date, the reasons, and what happens if nobody does
 * anything; then one row for each source and one for the policy, with the evidence folded away. All of it is text, also
 * where it comes from an organization or a package list.
 *
 * The dialog gets a new state when it opens, because the server sends none when a source was merely asked once more. It
 * shows news at once: a source may answer for the first time while the dialog is open.
 */
import * as words from '../i18n/advice';
import { waitReason } from '../i18n/banner';
import type { IClocks } from '../i18n/banner';
import { ago } from '../i18n/format';
import type { Language } from '../i18n/language';
import { policyOrigin, policyProblem, policyRows } from '../i18n/policy';
import * as signals from '../i18n/signals';
import type { Api } from '../server/api';
import type { UpdateModel } from '../server/model';
import { holdAt } from '../server/protocol';
import type { IAdvice, IAdvisory, IPolicy, ISignalReport, IState } from '../server/protocol';
import { ClickGuard } from './clickGuard';
import type { Timer } from './clickGuard';
import {
  button,
  element,
  factRows,
  icon,
  link,
  listItem,
  listSection,
  section,
  uniqueId
} from './dom';
import type { IconName } from './dom';
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
    replaceBody(modal, whySections(language, fresh, model));
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

/** Replace the body: what is unfolded stays unfolded, and the focus stays in its row. */
function replaceBody(modal: Modal, body: HTMLElement[]): void {
  const focused = document.activeElement;
  const row = focused?.closest<HTMLElement>(ROW);
  const place = row ? focusable(row).indexOf(focused as HTMLElement) : -1;
  const unfolded = [...modal.node.querySelectorAll<HTMLElement>(`${ROW}[open]`)].map(keyOf);
  modal.setBody(...body);
  modal.node.querySelectorAll<HTMLDetailsElement>(ROW).forEach(fresh => {
    fresh.open = unfolded.includes(keyOf(fresh));
    if (row && keyOf(fresh) === keyOf(row)) {
      const [summary, ...links] = focusable(fresh);
      (links[place - 1] ?? summary)?.focus({ preventScroll: true });
    }
  });
}

const ROW = 'details[data-key]';
const keyOf = (row: HTMLElement) => row.dataset.key;
const focusable = (row: HTMLElement) => [...row.querySelectorAll<HTMLElement>('summary, a')];

/** How many advisories are shown unfolded. */
const MAX_ADVISORIES_SHOWN = 5;

/** From the most to the least severe. */
const SEVERITY_ORDER = ['critical', 'important', 'medium', 'low'];

/** The icon beside the verdict. */
const LEVEL_ICONS: Partial<Record<string, IconName>> = {
  current: 'ok',
  unknown: 'unknown',
  advised: 'refresh'
};

/** Build all sections, in the order in which they are read. */
export function whySections(
  language: Language,
  state: IState,
  { now, adviceNow }: IClocks
): HTMLElement[] {
  const { trans } = language;
  const { advice, restart, policy } = state;
  const verdict = element('p', 'jp-NbUpdater-verdict', words.verdict(language, state));
  verdict.prepend(icon(LEVEL_ICONS[advice.level] ?? 'warning'));
  const sources = advice.signals.map(signal => signalRow(language, signal, advice, adviceNow));
  return [
    verdict,
    ...words
      .notices(language, state, adviceNow)
      .map(notice => element('p', 'jp-NbUpdater-notice', notice)),
    ...listed(
      trans.__('The restart is waiting for'),
      restart.waiting_for.map(reason => listItem(waitReason(language, reason, now)))
    ),
    ...listed(
      trans.__('Reasons'),
      words.reasonItems(language, advice).map(reason => listItem(...reason))
    ),
    ...message(language, policy),
    ...listed(
      trans.__('Not fixed by the last restart'),
      advice.ineffective.map(id =>
        listItem(words.reasonName(language, advice, id), words.ineffectiveRemark(language, advice))
      )
    ),
    ...listed(
      trans.__('If you do nothing'),
      words.steps(language, state, adviceNow).map(([at, sentence]) => step(at, sentence))
    ),
    ...(sources.length > 0 ? [section(trans.__('Sources'), ...sources)] : []),
    ...(policy ? [section(trans.__('Policy'), policyRow(language, policy, adviceNow))] : [])
  ];
}

function listed(heading: string, items: HTMLElement[]): HTMLElement[] {
  return items.length > 0 ? [listSection(heading, ...items)] : [];
}

/** Create the line of a step: a time, if there is one, and what happens then. */
function step(at: string, sentence: string): HTMLElement {
  const when = at ? [element('span', 'jp-NbUpdater-remark', at), ' – '] : [];
  return element('li', 'jp-NbUpdater-item', ...when, sentence);
}

/** Show the message of an organization. */
function message({ trans }: Language, policy: IPolicy | null): HTMLElement[] {
  const { message, organization } = policy?.origin ?? { message: '', organization: '' };
  return message
    ? [
        section(
          organization
            ? trans.__('Message from %1', organization)
            : trans.__('Message from your organization'),
          element('blockquote', 'jp-NbUpdater-quote', message)
        )
      ]
    : [];
}

/** Create a row that is unfolded to its content: an icon, a name, and a word that says what the icon says. */
function row(
  key: string,
  mood: IconName,
  name: string,
  word: string,
  ...content: HTMLElement[]
): HTMLElement {
  const summary = element(
    'summary',
    '',
    icon(mood),
    element('span', 'jp-NbUpdater-name', name),
    ' ',
    element('span', 'jp-NbUpdater-remark', word)
  );
  summary.id = uniqueId();
  const node = element(
    'details',
    'jp-NbUpdater-source',
    summary,
    element('div', 'jp-NbUpdater-evidence', ...content)
  );
  node.dataset.key = key;
  node.setAttribute('aria-labelledby', summary.id);
  return node;
}

function signalRow(
  language: Language,
  signal: ISignalReport,
  advice: IAdvice,
  now: number
): HTMLElement {
  const { trans } = language;
  const [mood, word] = signals.signalState(language, signal, advice);
  const checked = ago(language, signal.checked, now);
  const facts = signals.signalEvidence(language, signal);
  return row(
    signal.name,
    mood,
    signals.signalName(language, signal.name),
    word,
    element('p', 'jp-NbUpdater-text', signals.signalSentence(language, signal)),
    factRows([...facts, ...(checked ? [[trans.__('Checked'), checked] as [string, string]] : [])]),
    ...advisories(language, signal),
    ...(signal.link
      ? [element('p', 'jp-NbUpdater-text', link(linkLabel(language, signal.link), signal.link))]
      : [])
  );
}

function linkLabel({ trans }: Language, href: string): string {
  return /^https:\/\/[^/]*\b(amazon|amazonaws)\.com\//.test(href)
    ? trans.__('AWS documentation')
    : trans.__('More information');
}

function advisories(language: Language, { name, advisories: all }: ISignalReport): HTMLElement[] {
  const { trans } = language;
  const rank = ({ severity }: IAdvisory) => SEVERITY_ORDER.indexOf(severity ?? '') + 1 || 9;
  const lines = [...all]
    .sort((one, other) => rank(one) - rank(other))
    .map(advisory => advisoryLine(language, advisory));
  const list = (items: HTMLElement[]) => element('ul', 'jp-NbUpdater-list', ...items);
  const rest = lines.slice(MAX_ADVISORIES_SHOWN);
  const folded = element(
    'details',
    'jp-NbUpdater-more',
    element('summary', '', trans._n('%1 more', '%1 more', rest.length)),
    list(rest)
  );
  folded.dataset.key = `${name}:more`;
  return [
    ...(lines.length > 0 ? [list(lines.slice(0, MAX_ADVISORIES_SHOWN))] : []),
    ...(rest.length > 0 ? [folded] : [])
  ];
}

function advisoryLine(language: Language, advisory: IAdvisory): HTMLElement {
  const { trans } = language;
  const published = language.date(advisory.published);
  const facts = [
    words.severityWord(language, advisory),
    published ? trans.__('published %1', published) : '',
    language.list(advisory.cves, 'unit'),
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

function policyRow(language: Language, policy: IPolicy, now: number): HTMLElement {
  const { trans } = language;
  const { origin } = policy;
  const problem = policyProblem(language, origin, now);
  return row(
    'policy',
    problem ? 'warning' : 'info',
    policyOrigin(language, origin),
    problem ? trans.__('Needs attention') : '',
    factRows(policyRows(language, policy)),
    ...(problem ? [element('p', 'jp-NbUpdater-problem', problem)] : []),
    ...(origin.link
      ? [element('p', 'jp-NbUpdater-text', link(trans.__('More information'), origin.link))]
      : [])
  );
}
