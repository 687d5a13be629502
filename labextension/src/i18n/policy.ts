/**
 * Describe the policy in force: who set it, and what it requires.
 */
import type { IOrigin, IPolicy } from '../server/protocol';
import { severityWord } from './advice';
import { ago, windowName } from './format';
import type { Language } from './language';

/** Say who set the policy. */
export function policyOrigin({ trans }: Language, { kind, organization }: IOrigin): string {
  switch (kind) {
    case 'default':
      return trans.__('AWS recommendation (no policy configured)');
    case 'configured':
      return trans.__('Configuration of this instance');
    default:
      return organization || trans.__('Your organization');
  }
}

/** Describe the policy as label and value. */
export function policyRows(language: Language, policy: IPolicy): [string, string][] {
  const { trans } = language;
  const { advised_days, interval_days, notice_days, mode, window } = policy;
  const levels = Object.entries(policy.service_levels).map(([severity, count]) =>
    trans._n(
      '%2: %1 day after publication',
      '%2: %1 days after publication',
      count,
      severityWord(language, { ...NO_ADVISORY, severity })
    )
  );
  const rows: [string, string][] = [
    [trans.__('Restart recommended'), trans._n('after %1 day', 'after %1 days', advised_days)],
    [
      trans.__('Restart due'),
      trans._n('%1 day before the deadline', '%1 days before the deadline', notice_days)
    ],
    [trans.__('Deadline'), trans._n('after %1 day', 'after %1 days', interval_days)],
    [trans.__('Advisories'), language.list(levels, 'unit')],
    [
      trans.__('Past the deadline'),
      mode === 'require'
        ? trans.__('automatic restart once the instance is idle and everything is saved')
        : trans.__('reminders continue; no automatic restart')
    ],
    [trans.__('Restart window'), window ? windowName(language, window) : '']
  ];
  return [...rows, ...documentRows(language, policy)].filter(([, value]) => value !== '');
}

/** Describe the document of the organization as label and value. */
function documentRows(language: Language, { origin, ...policy }: IPolicy): [string, string][] {
  const { trans } = language;
  if (origin.kind !== 'organization') {
    return [];
  }
  const { holders, hold_days } = policy;
  return [
    [
      trans.__('Holds'),
      holders.includes('*')
        ? trans._n('anyone, for up to %1 day', 'anyone, for up to %1 days', hold_days)
        : holders.length > 0
          ? trans._n(
              '%2, for up to %1 day',
              '%2, for up to %1 days',
              hold_days,
              language.list(holders)
            )
          : trans.__('nobody')
    ],
    [trans.__('Document number'), origin.serial === null ? '' : String(origin.serial)],
    [trans.__('Issued'), language.dateTime(origin.issued)],
    [trans.__('Expires'), language.dateTime(origin.expires)],
    [
      trans.__('Signature'),
      origin.signed === null
        ? trans.__('not checked, because no key is pinned on this instance')
        : origin.signed
          ? trans.__('made with a key that is pinned on this instance')
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
    sentences.push(policyProblemText(language, origin.problem));
    if (origin.detail) {
      sentences.push(trans.__('Details: %1.', origin.detail));
    }
    const seen = ago(language, origin.fetched, now);
    if (seen) {
      sentences.push(trans.__('The policy in force was last fetched %1.', seen));
    }
  }
  if (origin.expires && Date.parse(origin.expires) <= now) {
    sentences.push(trans.__('The policy in force has expired and no longer requires a restart.'));
  }
  return language.paragraph(sentences);
}

/** Describe a problem. */
function policyProblemText({ trans }: Language, code: string): string {
  switch (code) {
    case 'bad-url':
      return trans.__('The policy URL is not supported.');
    case 'not-found':
      return trans.__('The policy document was not found.');
    case 'access-denied':
      return trans.__('Access to the policy document was denied.');
    case 'http-error':
    case 'unreachable':
    case 'throttled':
    case 'aws-error':
      return trans.__('The policy document could not be fetched.');
    case 'redirect':
      return trans.__('The policy URL redirects to an unsupported address.');
    case 'too-large':
      return trans.__('The policy document is too large.');
    case 'too-slow':
      return trans.__('The policy document took too long to download.');
    case 'wrong-type':
      return trans.__('The policy document has an unsupported media type.');
    case 'not-json':
    case 'schema':
    case 'version':
    case 'markup':
    case 'contradiction':
      return trans.__('The new policy is invalid.');
    case 'serial':
      return trans.__('The published policy is older than one that was in force.');
    case 'not-yet-issued':
      return trans.__('The new policy is not in force yet.');
    case 'expired':
      return trans.__('The published policy has expired.');
    case 'not-signed':
    case 'bad-signature':
      return trans.__('The new policy is not signed with a key that is pinned on this instance.');
    case 'key-unusable':
      return trans.__('The signature of the new policy could not be checked.');
    default:
      return trans.__('The new policy cannot be used.');
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
