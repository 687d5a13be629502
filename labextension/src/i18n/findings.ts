/**
 * Describe why nothing was stopped and what to do about it, and why a request failed.
 */
import { ApiError } from '../server/api';
import type { IFinding } from '../server/protocol';
import type { Language } from './language';

/** A finding in words. */
export interface IFindingText {
  /** What prevents the restart. */
  text: string;
  /** What to do about it. */
  todo: string;
  /** The message of the machine, unchanged; '' when that adds nothing. */
  detail: string;
}

function words(text: string, todo: string, detail = ''): IFindingText {
  return { text, todo, detail };
}

/** Describe a finding. */
export function findingText(language: Language, finding: IFinding): IFindingText {
  const { trans } = language;
  const subject = finding.subject ?? '';
  const detail = finding.detail ?? '';
  const again = trans.__('Try again in a moment.');
  const seeLog = trans.__('Try again. The log of the Jupyter server has the details.');
  switch (finding.code) {
    case 'document-not-saved':
    case 'room-not-saved': // the same, found by the server
      return documentText(language, subject, detail);
    case 'document-rescued':
      return words(
        trans.__(
          '%1 was changed or deleted on disk. Your version is saved as %2.',
          subject,
          detail
        ),
        trans.__('Compare the two, or try again and confirm to restart with both.')
      );
    case 'unsaved-widgets':
      return words(
        trans.__('Unsaved changes outside documents: %1.', detail || subject),
        trans.__('Save or undo them there, then try again.')
      );
    case 'volume-not-synced':
      return words(
        trans.__('The disk did not confirm the write (%1).', subject),
        trans.__('Try again. If that does not help, copy your work elsewhere.'),
        detail
      );
    case 'busy-not-confirmed':
      return words(
        trans.__('%1 is busy and would be interrupted.', subject),
        trans.__('Try again and confirm that, or choose “When idle”.')
      );
    case 'held':
      return words(
        subject
          ? trans.__('%1 placed a hold on this instance.', subject)
          : trans.__('Someone placed a hold on this instance.'),
        trans.__('Ask that person, wait, or try again and confirm that the hold ends.'),
        detail
      );
    case 'tab-silent':
      return words(
        trans.__('A browser tab with %1 did not answer.', pageName(subject)),
        trans.__('Go to that tab, save there, and close or reload the tab.'),
        detail
      );
    case 'tab-gone':
      return words(
        trans.__('A browser tab with %1 disconnected with unsaved changes.', pageName(subject)),
        trans.__('Go to that tab and let it connect again, or try again and confirm the loss.'),
        detail
      );
    case 'session-not-reported':
      return words(
        trans.__('%1 is open somewhere that cannot be asked to save.', subject),
        trans.__('Save and close it there, or reload that page.'),
        detail
      );
    case 'losses-not-confirmed':
      return words(
        trans.__('%1 started after you were asked, and would be lost.', subject),
        trans.__('Try again to see the new list.')
      );
    case 'not-in-service':
      return words(
        trans.__('The status of the instance is %1: AWS refuses a stop.', subject),
        trans.__('Wait until the status is InService, then try again.'),
        detail
      );
    case 'platform-not-restartable':
      return words(
        trans.__(
          'AWS no longer starts an instance of the platform %1 once it is stopped.',
          subject
        ),
        trans.__('Ask your administrator to allow the move to a newer platform.'),
        detail
      );
    case 'migration-not-confirmed':
      return words(
        trans.__('AWS no longer starts the platform %1; a restart moves to %2.', detail, subject),
        trans.__('Try again and confirm the move, or ask your administrator.')
      );
    case 'instance-type-not-supported':
      return words(
        trans.__(
          'AWS no longer starts this platform, and %1 is not available on %2.',
          subject,
          detail
        ),
        trans.__('Ask your administrator for another instance type.')
      );
    case 'lifecycle-config-missing':
      return words(
        trans.__('The lifecycle configuration %1 is gone: the next start would fail.', subject),
        trans.__('Ask your administrator to restore it or to attach another one.'),
        detail
      );
    case 'restarted-recently':
      return words(
        trans.__(
          'This instance restarted on %1; an unattended restart so soon is blocked.',
          language.dateTime(subject)
        ),
        trans.__('Restart now, or choose a later time.'),
        detail
      );
    case 'return-path-missing':
      return words(
        trans.__('Nothing is set up to start the instance again.'),
        trans.__('Try again to stop without a restart, or ask your administrator.'),
        detail
      );
    case 'access-denied':
      return words(
        trans.__('The IAM role of this notebook lacks %1.', finding.action ?? subject),
        trans.__('Ask your administrator to add that permission to the role.'),
        detail
      );
    case 'wrong-state':
      return words(
        trans.__('AWS refused %1: the instance was in another state.', subject),
        again,
        detail
      );
    case 'throttled':
      return words(trans.__('AWS refused %1: too many requests.', subject), again, detail);
    case 'unreachable':
      return words(
        trans.__('AWS did not answer %1.', subject),
        trans.__('Check the network of this instance, then try again.'),
        detail
      );
    case 'not-found':
    case 'conflict':
    case 'aws-error':
      return words(trans.__('AWS reported an error for %1.', subject), again, detail);
    case 'journal-not-written':
      return words(
        trans.__('The journal %1 could not be written.', subject),
        trans.__('Free some space on the volume or correct the permissions, then try again.'),
        detail
      );
    case 'timeout':
      return words(timeoutText(language, subject), again, detail);
    case 'interrupted':
      return words(
        trans.__('The Jupyter server itself restarted before it was done.'),
        again,
        detail
      );
    case 'stop-not-carried-out':
      return words(
        trans.__('AWS accepted the stop, but the instance is still %1.', subject),
        trans.__('Wait a few minutes, then try again.'),
        detail
      );
    case 'unexpected':
      return words(trans.__('Something went wrong in this extension.'), seeLog, detail);
    default:
      return words(
        subject
          ? trans.__('Something is in the way: %1.', subject)
          : trans.__('Something is in the way.'),
        seeLog,
        detail
      );
  }
}

/** Name what is in a browser tab: the server knows the first part of its path. */
function pageName(page: string): string {
  return page === 'lab'
    ? 'JupyterLab'
    : ['notebooks', 'tree', 'edit', 'consoles', 'terminals'].includes(page)
      ? 'Notebook'
      : page || 'Jupyter';
}

function timeoutText({ trans }: Language, phase: string): string {
  switch (phase) {
    case 'preflight':
      return trans.__('Checking the instance took too long.');
    case 'saving':
      return trans.__('Saving took too long.');
    case 'arming':
      return trans.__('Arranging the restart took too long.');
    case 'stopping':
    case 'away':
      return trans.__('The instance did not stop in time.');
    case 'waiting':
      return trans.__('The instance was never idle for long enough.');
    default:
      return trans.__('A step took too long.');
  }
}

/** How a failed save ends: what the file or the server said, as a code before the message. */
function documentText({ trans }: Language, path: string, detail: string): IFindingText {
  const [, outcome = '', said = ''] = /^([a-z-]+)[\s:,]*(.*)$/s.exec(detail) ?? [];
  const [, cause = '', message = ''] = /^([a-z-]+): *(.*)$/s.exec(said) ?? [];
  switch (cause) {
    case 'conflict':
      return words(
        trans.__('%1 was changed on disk by something else.', path),
        trans.__('Reload the document from disk, or save your version under another name.')
      );
    case 'overwritten':
      return words(
        trans.__('%1 was saved by two browser tabs at once: one replaced the other.', path),
        trans.__('Try again: the replaced version is then saved as a copy beside the file.')
      );
    case 'deleted':
      return words(
        trans.__('%1 is open, but no longer on disk.', path),
        trans.__('Save the document to keep it, or close it.')
      );
    case 'folder':
      return words(
        trans.__('%1 could not be saved: its folder is gone.', path),
        trans.__('Your text is still in the tab: save it elsewhere, or restore the folder.')
      );
    case 'no-space':
      return words(
        trans.__('%1 could not be saved: the volume is full.', path),
        trans.__('Your text is still in the tab. Free some space on the volume, then try again.'),
        message
      );
    case 'permission':
      return words(
        trans.__('%1 could not be saved: permission denied.', path),
        trans.__('Your text is still in the tab. Correct the permissions, or save it elsewhere.'),
        message
      );
    case 'encoding':
      return words(
        trans.__('%1 could not be saved: some characters cannot be encoded.', path),
        trans.__('Your text is still in the tab. Remove those characters, then try again.'),
        message
      );
    case 'hook':
      return words(
        trans.__('%1 could not be saved: the Jupyter server or a save hook refused.', path),
        trans.__(
          'Your text is still in the tab. Follow the message, or ask the owner of the hook.'
        ),
        message
      );
  }
  switch (outcome) {
    case 'read-only':
      return words(
        trans.__('%1 has unsaved changes, but the file is read-only.', path),
        trans.__('Save the document under another name.')
      );
    case 'timeout':
      return words(
        trans.__('%1 could not be saved in time.', path),
        trans.__('Save the document, then try again.'),
        said
      );
    case 'unverified':
      return words(
        trans.__('%1 was saved, but the file does not hold what you see.', path),
        trans.__('Copy what you need, save under another name, then try again.')
      );
    default:
      return words(
        trans.__('%1 could not be saved.', path),
        trans.__('Your text is still in the tab. Save it elsewhere, then try again.'),
        said || detail
      );
  }
}

/** Describe the error of a request that changes something. */
export function requestErrorText(language: Language, error: unknown): string {
  const { trans } = language;
  const { code, detail, message, isUndecided } =
    error instanceof ApiError ? error : new ApiError(0, '', String(error));
  if (isUndecided) {
    return trans.__('The server did not answer in time. The request may still be carried out.');
  }
  switch (code) {
    case 'already-running':
      return trans.__('A restart is already running.');
    case 'too-late':
      return trans.__('The instance is already being stopped.');
    case 'reinstall-running':
      return trans.__('Packages are already being reinstalled.');
    case 'not-started':
      return trans.__(
        'The server extension did not start. The log of the Jupyter server says why.'
      );
    case 'not-saved':
      return notSavedText(language, detail);
    default:
      return trans.__('The server refused: %1', message);
  }
}

/** Say why the server could not save which files are kept. */
function notSavedText({ trans }: Language, detail: string): string {
  switch (detail) {
    case 'not-written':
      return trans.__('Your choice was not saved: the file could not be written.');
    case 'unknown-format':
      return trans.__(
        'Your choice was not saved: another version of this extension saved the session.'
      );
    case 'other-server':
      return trans.__(
        'Your choice was not saved: another Jupyter server of this volume keeps these files.'
      );
    default:
      return trans.__('Your choice was not saved. The log of the Jupyter server says why.');
  }
}
