/**
 * Describe the packages that somebody had added, and how far reinstalling them is.
 */
import type { IAddedPackage, IEnvironment, IPackages } from '../server/protocol';
import { currentPackage, packageProgress, progressOf } from '../ui/packageProgress';
import type { IFailure } from '../ui/packageProgress';
import type { Language } from './language';

/** Label the button that reinstalls packages. */
export function reinstallLabel({ trans }: Language, count: number): string {
  return trans._n('Put back %1 package', 'Put back %1 packages', count);
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
      return trans._n('Putting %1 package back…', 'Putting %1 packages back…', total);
    case 'done':
      return endSentence(language, packages);
    default:
      return available > 0
        ? trans._n(
            '%1 package that was added before the restart is not there any more.',
            '%1 packages that were added before the restart are not there any more.',
            available
          )
        : trans.__('No package is waiting to be put back.');
  }
}

/** Describe the end. */
export function endSentence({ trans }: Language, packages: IPackages): string {
  const { total, reinstalled } = packageProgress(packages);
  return reinstalled === total
    ? trans._n('The package is back.', 'All %1 packages are back.', total)
    : trans.__('%1 of %2 packages are back.', reinstalled, total);
}

/** Describe which package is being installed. */
export function progressText({ trans }: Language, packages: IPackages): string {
  const { finished, total } = packageProgress(packages);
  const found = currentPackage(packages);
  if (!found) {
    return trans.__('%1 of %2', finished, total);
  }
  const [added, environment] = found;
  return trans.__(
    '%1 of %2: %3 in %4',
    Math.min(finished + 1, total),
    total,
    packageName(added),
    environment
  );
}

/** Describe the progress in a few words, for the notification. */
export function runningSentence({ trans }: Language, packages: IPackages): string {
  const { finished, total } = packageProgress(packages);
  return trans.__('Putting packages back: %1 of %2', finished, total);
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
      : trans.__('%1 of %2 back', reinstalled, total)
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
      return trans.__('waits');
    case 'running':
      return trans.__('is being installed…');
    case 'reinstalled':
      return trans.__('is back');
    case 'already-installed':
      return trans.__('is there already');
    case 'failed':
      return trans.__('was not put back');
    default:
      return state;
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
  const names = failure.packages.map(packageName).join(', ');
  const text = trans.__('%1 in %2', names, failure.environment);
  return { text, ...failureReason(language, failure) };
}

function failureReason(language: Language, { code, detail }: IFailure): Omit<IFailureText, 'text'> {
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
