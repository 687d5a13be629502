/**
 * What is said of packages that somebody had added, and of putting them back.
 */
import type { Language } from '../i18n';
import type { IAddedPackage, IEnvironment, IPackages } from '../protocol';
import { tally, tallyOf, underWay } from '../tally';
import type { IFailure } from '../tally';

/** The button. */
export function putBackLabel({ trans }: Language, count: number): string {
  return trans._n('Put back %1 package', 'Put back %1 packages', count);
}

/** The same button when something failed that may work the next time. */
export function againLabel({ trans }: Language): string {
  return trans.__('Try again');
}

/** How it is with all of them: told once when it changes, not with every package. */
export function packagesSentence(language: Language, packages: IPackages): string {
  const { trans } = language;
  const { all, offered } = tallyOf(packages);
  switch (packages.phase) {
    case 'running':
      return trans._n('Putting %1 package back…', 'Putting %1 packages back…', all);
    case 'done':
      return endSentence(language, packages);
    default:
      return offered > 0
        ? trans._n(
            '%1 package that was added before the restart is not there any more.',
            '%1 packages that were added before the restart are not there any more.',
            offered
          )
        : trans.__('No package is waiting to be put back.');
  }
}

/** What came of it. */
export function endSentence({ trans }: Language, packages: IPackages): string {
  const { all, back } = tallyOf(packages);
  return back === all
    ? trans._n('The package is back.', 'All %1 packages are back.', all)
    : trans.__('%1 of %2 packages are back.', back, all);
}

/** What happens at the moment; '' while nothing does. */
export function progressWords({ trans }: Language, packages: IPackages): string {
  const { ended, all } = tallyOf(packages);
  const found = underWay(packages);
  if (!found) {
    return trans.__('%1 of %2', ended, all);
  }
  const [added, environment] = found;
  return trans.__(
    '%1 of %2: %3 in %4',
    Math.min(ended + 1, all),
    all,
    packageName(added),
    environment
  );
}

/** The same in a few words, for a page that shows nothing else of it. */
export function runningSentence({ trans }: Language, packages: IPackages): string {
  const { ended, all } = tallyOf(packages);
  return trans.__('Putting packages back: %1 of %2', ended, all);
}

/** An environment, and how far it has come. */
export function environmentItem(
  { trans }: Language,
  { name, packages }: IEnvironment
): [string, string] {
  const { all, offered, back } = tally(packages);
  return [
    name,
    offered === all
      ? trans._n('%1 package', '%1 packages', all)
      : trans.__('%1 of %2 back', back, all)
  ];
}

/** A package and its version. */
export function packageName({ name, version }: IAddedPackage): string {
  return `${name} ${version}`.trim();
}

/** Where one package is. */
export function packageState({ trans }: Language, { state, by }: IAddedPackage): string {
  switch (state) {
    case 'offered':
      return by === 'pip' ? '' : by;
    case 'waiting':
      return trans.__('waits');
    case 'running':
      return trans.__('is being installed…');
    case 'back':
      return trans.__('is back');
    case 'there':
      return trans.__('is there already');
    case 'failed':
      return trans.__('was not put back');
    default:
      return state;
  }
}

/** What is said of one failure: what it is about, why, and the machine's own words or a command; both may be ''. */
export interface IFailureWords {
  text: string;
  reason: string;
  code: string;
}

/** Why packages were not put back. */
export function failureWords(language: Language, failure: IFailure): IFailureWords {
  const names = failure.packages.map(packageName).join(', ');
  const text = language.trans.__('%1 in %2', names, failure.environment);
  return { text, ...failureReason(language, failure) };
}

function failureReason(
  language: Language,
  { code, detail }: IFailure
): Omit<IFailureWords, 'text'> {
  const { trans } = language;
  switch (code) {
    case 'system-environment':
      return { reason: trans.__('Jupyter itself runs there; nothing is put into it.'), code: '' };
    case 'environment-gone':
      return { reason: trans.__('This environment is gone.'), code: detail };
    case 'no-python':
      return { reason: trans.__('This environment has no Python of its own.'), code: detail };
    case 'conda':
      return {
        reason: trans.__('It came from conda. To have it again, run this in a terminal:'),
        code: detail
      };
    case 'path-gone':
      return { reason: trans.__('The place that it was installed from is gone.'), code: detail };
    case 'timeout': {
      const seconds = Number(detail || NaN);
      return Number.isNaN(seconds)
        ? { reason: trans.__('It took too long.'), code: detail }
        : { reason: trans.__('It took longer than %1.', language.duration(seconds)), code: '' };
    }
    case 'incomplete':
      return { reason: trans.__('pip said that it was done, but it is not there.'), code: detail };
    case 'pip':
    case 'failed':
      return { reason: trans.__('pip could not install it:'), code: detail };
    default:
      return { reason: '', code: detail || (code ?? '') };
  }
}
