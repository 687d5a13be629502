/**
 * What "Why?" says: what asks for a restart, every signal with its evidence and its age, the policy and who set it, and what
 * happens if nothing is done. All of it is text, also where it comes from an organisation or from a package list.
 */
import { element } from './dom';
import type { Language } from './i18n';
import { block, item, link, rows, section } from './parts';
import { holdAt } from './protocol';
import type { IAdvice, IAdvisory, ISignalReport, IState } from './protocol';
import * as words from './words/advice';
import { ago } from './words/ago';
import { reasonWords } from './words/banner';
import type { IClocks } from './words/banner';
import { policyProblem, policyRows } from './words/policy';
import { holdChoice } from './words/sheet';
import * as signals from './words/signals';

/** More advisories than this are folded up. */
const SHOWN = 5;

/** From the worst to the least. */
const WORST = ['critical', 'important', 'medium', 'low'];

/** Everything that is known, in parts to be read one after the other. */
export function explanation(
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
      state.restart.waiting_for.map(reason => item(reasonWords(language, reason, now)))
    ),
    ...listed(
      trans.__('What asks for it'),
      state.advice.reasons.map(reason => item(...words.reasonItem(language, state.advice, reason)))
    ),
    ...answered(language, state.advice),
    ...plan(language, state),
    ...state.advice.signals.map(signal => signalBlock(language, signal, state.advice, adviceNow)),
    ...policy(language, state, adviceNow)
  ];
}

function paragraphs(sentences: string[]): HTMLElement[] {
  return sentences.map(sentence => element('p', 'jp-NbUpdater-text', sentence));
}

function listed(heading: string, items: HTMLElement[]): HTMLElement[] {
  return items.length > 0 ? [section(heading, ...items)] : [];
}

function answered(language: Language, advice: IAdvice): HTMLElement[] {
  const remark = words.answeredRemark(language, advice);
  return listed(
    language.trans.__('What a restart did not change'),
    advice.answered.map(id => item(words.reasonName(language, advice, id), remark))
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
  return block(
    trans.__('%1: %2', name, state),
    ...paragraphs([signals.signalSentence(language, signal)]),
    rows([...facts, ...(checked ? [[trans.__('Checked'), checked] as [string, string]] : [])]),
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
  const rank = ({ severity }: IAdvisory) => WORST.indexOf(severity ?? '') + 1 || 9;
  const lines = [...all]
    .sort((one, other) => rank(one) - rank(other))
    .map(advisory => advisoryLine(language, advisory));
  const list = (items: HTMLElement[]) => element('ul', 'jp-NbUpdater-list', ...items);
  const rest = lines.slice(SHOWN);
  return [
    ...(lines.length > 0 ? [list(lines.slice(0, SHOWN))] : []),
    ...(rest.length > 0
      ? [
          element(
            'details',
            'jp-NbUpdater-more',
            element('summary', '', language.trans.__('%1 more', rest.length)),
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
    block(
      trans.__('The policy in force'),
      ...(origin.message ? [element('blockquote', 'jp-NbUpdater-quote', origin.message)] : []),
      rows(policyRows(language, policy)),
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
  const steps = state.advice.plan.map(step => item(words.stepItem(language, step, state)));
  const { required, plan: all } = state.advice;
  const isForced = required || all.some(({ code }) => code === 'required');
  return [
    section(
      language.trans.__('What happens if nothing is done'),
      ...steps,
      ...(isForced ? [] : [item(words.noForce(language))])
    )
  ];
}
