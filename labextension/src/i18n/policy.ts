/**
 * Describe the policy in force: who set it, and what it requires.
 */
import type { IOrigin, IPolicy } from '../server/protocol';
import { severityWord } from './advice';
import { ago, windowHours } from './format';
import type { Language } from './language';

/** Say who set the policy. */
export function policyOrigin({ trans }: Language, { kind, organization }: IOrigin): string {
  switch (kind) {
    case 'default':
      return trans.__("AWS's advice; nobody has set anything else");
    case 'configured':
      return trans.__('the configuration of this instance');
    case 'organization':
      return organization || trans.__('your organisation');
    default:
      return organization || kind;
  }
}

/** Describe the policy as label and value. */
export function policyRows(language: Language, policy: IPolicy): [string, string][] {
  const { trans } = language;
  const days = (count: number) => trans._n('%1 day', '%1 days', count);
  const levels = Object.entries(policy.service_levels).map(([severity, count]) =>
    trans.__(
      '%1: %2',
      severityWord(language, { ...NO_ADVISORY, severity }),
      trans.__('%1 after it was published', days(count))
    )
  );
  const rows: [string, string][] = [
    [trans.__('Set by'), policyOrigin(language, policy.origin)],
    [trans.__('Restart advised'), trans.__('after %1', days(policy.advised_days))],
    [
      trans.__('Deadline'),
      trans.__('after %1; due %2 before that', days(policy.interval_days), days(policy.notice_days))
    ],
    [trans.__('Advisories'), levels.join('; ')],
    [
      trans.__('Past the deadline'),
      policy.mode === 'require'
        ? trans.__('it restarts by itself when nothing runs and everything is proven saved')
        : trans.__('it goes on asking; nothing restarts by itself')
    ],
    [trans.__('Window'), policy.window ? windowHours(language, policy.window) : '']
  ];
  return [...rows, ...documentRows(language, policy)].filter(([, value]) => value !== '');
}

/** Describe the document of the organization as label and value. */
function documentRows(language: Language, { origin, ...policy }: IPolicy): [string, string][] {
  const { trans } = language;
  if (origin.kind !== 'organization') {
    return [];
  }
  const holders = policy.holders.includes('*') ? trans.__('anyone') : policy.holders.join(', ');
  return [
    [
      trans.__('May be held'),
      trans.__('by %1, for at most %2 days', holders || trans.__('nobody'), policy.hold_days)
    ],
    [trans.__('Document'), origin.serial === null ? '' : trans.__('number %1', origin.serial)],
    [trans.__('Issued'), language.dateTime(origin.issued)],
    [trans.__('Expires'), language.dateTime(origin.expires)],
    [
      trans.__('Signature'),
      origin.signed === null
        ? trans.__('not asked for: no key is pinned on this instance')
        : origin.signed
          ? trans.__('by a key that is pinned on this instance')
          : trans.__('none')
    ],
    [trans.__('Contact'), origin.contact]
  ];
}

/** Say why a newer document is not in force, and how old the current one is; '' when there is no problem. */
export function policyProblem(language: Language, origin: IOrigin, now: number): string {
  const { trans } = language;
  const sentences: string[] = [];
  if (origin.problem) {
    const what = policyProblemText(language, origin.problem);
    sentences.push(origin.detail ? `${what} (${origin.detail}).` : `${what}.`);
    const seen = ago(language, origin.fetched, now);
    if (seen) {
      sentences.push(trans.__('The one in force was last seen %1.', seen));
    }
  }
  if (origin.expires && Date.parse(origin.expires) <= now) {
    sentences.push(trans.__('The document has expired: it requires nothing any more.'));
  }
  return sentences.join(' ');
}

/** Describe a problem; an unknown code is shown as it is. */
function policyProblemText({ trans }: Language, code: string): string {
  switch (code) {
    case 'bad-url':
      return trans.__('Its document is configured to lie where none is fetched from');
    case 'not-found':
    case 'access-denied':
    case 'http-error':
    case 'unreachable':
    case 'throttled':
    case 'aws-error':
      return trans.__('Its document could not be fetched');
    case 'redirect':
      return trans.__('Its document is somewhere else, where none is fetched from');
    case 'too-large':
    case 'too-slow':
    case 'wrong-type':
      return trans.__('Its document was not read to the end');
    case 'not-json':
    case 'schema':
    case 'version':
    case 'markup':
    case 'contradiction':
      return trans.__('A newer document makes no sense');
    case 'serial':
      return trans.__('The document that lies there is older than one that was in force');
    case 'not-yet-issued':
      return trans.__('A newer document is not in force yet');
    case 'expired':
      return trans.__('The document that lies there has expired');
    case 'not-signed':
    case 'bad-signature':
      return trans.__('A newer document is not signed by a key that is pinned here');
    case 'key-unusable':
      return trans.__('The signature of a newer document could not be checked');
    default:
      return trans.__('A newer document could not be taken: %1', code);
  }
}

const NO_ADVISORY = {
  id: '',
  published: null,
  severity: null,
  exploited: false,
  cves: [],
  text: '',
  link: null
};
