/**
 * Describe the packages that somebody had installed, and how far reinstalling them is.
 */
import type { IAddedPackage, IEnvironment, IPackages } from '../server/protocol';
import { currentPackage, packageProgress, progressOf } from '../ui/packageProgress';
import type { IFailure } from '../ui/packageProgress';
import type { Language } from './language';

/** Label the button that reinstalls packages. */
export function reinstallLabel({ trans }: Language, count: number): string {
  return trans._n('Reinstall %1 package', 'Reinstall %1 packages', count);
}

/** Label the same button after a failure that another attempt may cure. */
export function retryLabel({ trans }: Language): string {
  return trans.__('Try again');
}

/** Describe the state of all packages; it changes with the phase, not with each package. */
export function packagesSentence(language: Language, packages: IPackages): string {
  const { trans } = language;
  const { total, available } = packageProgress(packages);
  switch (packages.phase) {
    case 'running':
      return trans._n('Reinstalling %1 package…', 'Reinstalling %1 packages…', total);
    case 'done':
      return endSentence(language, packages);
    default:
      return available > 0
        ? trans._n(
            'The restart removed %1 package you installed.',
            'The restart removed %1 packages you installed.',
            available
          )
        : trans.__('There are no packages to reinstall.');
  }
}

/** Describe the end. */
export function endSentence({ trans }: Language, packages: IPackages): string {
  const { total, reinstalled } = packageProgress(packages);
  return reinstalled === total
    ? trans._n('%1 package was reinstalled.', 'All %1 packages were reinstalled.', total)
    : trans._n(
        '%2 of %1 package was reinstalled.',
        '%2 of %1 packages were reinstalled.',
        total,
        reinstalled
      );
}

/** Describe which package is being installed. */
export function progressText({ trans }: Language, packages: IPackages): string {
  const { finished, total } = packageProgress(packages);
  const found = currentPackage(packages);
  if (!found) {
    return trans.__('%1 of %2', finished, total); // packages done, and all
  }
  const [added, environment] = found;
  return trans.__(
    '%1 of %2: %3 in %4',
    Math.min(finished + 1, total),
    total,
    packageName(added),
    environment
  ); // the number of the package, how many there are, the package, and its environment
}

/** Describe the progress in a few words, for the notification. */
export function runningSentence({ trans }: Language, packages: IPackages): string {
  const { finished, total } = packageProgress(packages);
  return trans.__('Reinstalling packages: %1 of %2', finished, total);
}

/** Describe an environment, and how many of its packages are reinstalled. */
export function environmentItem(
  { trans }: Language,
  { name, packages }: IEnvironment
): [string, string] {
  const { total, available, reinstalled } = progressOf(packages);
  return [
    name,
    available === total
      ? trans._n('%1 package', '%1 packages', total)
      : trans.__('%1 of %2 reinstalled', reinstalled, total)
  ];
}

/** Name a package with its version. */
export function packageName({ name, version }: IAddedPackage): string {
  return `${name} ${version}`.trim();
}

/** Describe the state of one package. */
export function packageState({ trans }: Language, { state, installer }: IAddedPackage): string {
  switch (state) {
    case 'available':
      return installer === 'pip' ? '' : installer;
    case 'queued':
      return trans.__('queued');
    case 'running':
      return trans.__('being installed…');
    case 'reinstalled':
      return trans.__('reinstalled');
    case 'already-installed':
      return trans.__('already installed');
    case 'failed':
      return trans.__('not reinstalled');
    default:
      return '';
  }
}

/** A failure in words: what failed, why, and the output of the machine or a command; the last two may be ''. */
export interface IFailureText {
  text: string;
  reason: string;
  code: string;
}

/** Describe why packages were not reinstalled. */
export function failureText(language: Language, failure: IFailure): IFailureText {
  const { trans } = language;
  const names = language.list(failure.packages.map(packageName));
  const text = trans.__('%1 in %2', names, failure.environment); // packages, and their environment
  return { text, ...failureReason(language, failure) };
}

function failureReason(language: Language, { code, detail }: IFailure): Omit<IFailureText, 'text'> {
  const { trans } = language;
  switch (code) {
    case 'system-environment':
      return {
        reason: trans.__('Jupyter itself runs in this environment; nothing is installed there.'),
        code: ''
      };
    case 'environment-gone':
      return { reason: trans.__('This environment was not found.'), code: detail };
    case 'no-python':
      return { reason: trans.__('This environment has no Python of its own.'), code: detail };
    case 'conda':
      return {
        reason: trans.__('Installed with conda. To reinstall, run this in a terminal:'),
        code: detail
      };
    case 'origin-not-allowed':
      return {
        reason: trans.__('Its source is a URL or a folder, which is not allowed.'),
        code: ''
      };
    case 'path-gone':
      return { reason: trans.__('The source of the installation no longer exists.'), code: detail };
    case 'timeout': {
      const seconds = Number(detail || NaN);
      return Number.isNaN(seconds)
        ? { reason: trans.__('The installation took too long.'), code: detail }
        : {
            reason: trans.__('The installation took longer than %1.', language.duration(seconds)),
            code: ''
          };
    }
    case 'incomplete':
      return {
        reason: trans.__('pip reported success, but the package is not installed.'),
        code: detail
      };
    case 'pip':
    case 'failed':
      return { reason: trans.__('pip reported an error:'), code: detail };
    default:
      return { reason: trans.__('The log of the Jupyter server says why.'), code: detail };
  }
}
