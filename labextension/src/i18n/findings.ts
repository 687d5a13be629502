/**
 * Describe why nothing was stopped and what to do about it, and why a request failed.
 */
import { ApiError } from '../server/api';
import type { IFinding } from '../server/protocol';
import type { Language } from './language';
import { notRestoredReason } from './restarted';

/** A finding in words. */
export interface IFindingText {
  /** What prevents the restart. */
  text: string;
  /** What to do about it. */
  todo: string;
  /** The message of the machine, unchanged; '' when that adds nothing. */
  detail: string;
}

/** Describe a finding. */
export function findingText(language: Language, finding: IFinding): IFindingText {
  const { trans } = language;
  const subject = finding.subject ?? '';
  const detail = finding.detail ?? '';
  const again = trans.__('Try again in a moment.');
  switch (finding.code) {
    case 'document-not-saved':
    case 'room-not-saved': // the same, found by the server
      return documentText(language, subject, detail);
    case 'document-rescued':
      return {
        text: trans.__('%1 was changed or deleted by something else.', subject),
        todo: trans.__('Your version is kept as %1. Try again to restart with that.', detail),
        detail: ''
      };
    case 'unsaved-widgets':
      return {
        text: trans.__('Something that is no document is not saved: %1.', detail || subject),
        todo: trans.__('Save it or undo it there, then try again.'),
        detail: ''
      };
    case 'volume-not-synced':
      return {
        text: trans.__('The disk of %1 does not confirm what was written.', subject),
        todo: trans.__('Try again; if it stays so, copy your work elsewhere.'),
        detail
      };
    case 'busy-not-confirmed':
      return {
        text: trans.__('%1 is busy, and would be cut off.', subject),
        todo: trans.__('Try again and tick it, or choose “When idle”.'),
        detail: ''
      };
    case 'held':
      return {
        text: subject
          ? trans.__('%1 holds this instance as it is.', subject)
          : trans.__('Someone holds this instance as it is.'),
        todo: trans.__('Ask them, wait, or try again and tick the hold.'),
        detail
      };
    case 'tab-silent':
      return {
        text: trans.__('A browser tab did not answer (%1).', subject),
        todo: trans.__('Look at that tab, save there, and close or reload it.'),
        detail
      };
    case 'tab-gone':
      return {
        text: trans.__('A browser tab went away with unsaved changes (%1).', subject),
        todo: trans.__('Find it and let it connect again; or try again and tick it.'),
        detail
      };
    case 'session-not-reported':
      return {
        text: trans.__('%1 is open somewhere that cannot be asked to save.', subject),
        todo: trans.__('Save and close it there, or reload that page.'),
        detail
      };
    case 'losses-not-confirmed':
      return {
        text: trans.__('%1 was started after you were asked, and would be lost.', subject),
        todo: trans.__('Try again to see the new list.'),
        detail: ''
      };
    case 'not-in-service':
      return {
        text: trans.__(
          'The instance can be stopped only while it is InService; it is %1.',
          subject
        ),
        todo: trans.__('Wait until it is InService, then try again.'),
        detail
      };
    case 'platform-not-restartable':
      return {
        text: trans.__(
          'AWS no longer starts an instance of the platform %1 once it is stopped.',
          subject
        ),
        todo: trans.__('Ask whoever manages it to move it to Amazon Linux 2023.'),
        detail
      };
    case 'migration-not-confirmed':
      return {
        text: trans.__(
          'AWS no longer starts this instance as it is (%1); it comes back only on %2.',
          detail,
          subject
        ),
        todo: trans.__('Try again and tick the move, or ask whoever manages it.'),
        detail: ''
      };
    case 'instance-type-not-supported':
      return {
        text: trans.__(
          'AWS no longer starts this instance on its platform, and %1 does not run on %2.',
          subject,
          detail
        ),
        todo: trans.__('Ask whoever manages it for another instance type.'),
        detail: ''
      };
    case 'lifecycle-config-missing':
      return {
        text: trans.__(
          'Its lifecycle configuration %1 is gone: the instance could not start again.',
          subject
        ),
        todo: trans.__('Ask whoever manages it to bring it back, or to attach another.'),
        detail
      };
    case 'restarted-recently':
      return {
        text: trans.__(
          'It came back from a restart only at %1, and nobody watches this one.',
          language.dateTime(subject)
        ),
        todo: trans.__('Restart it now, or ask for a later time.'),
        detail
      };
    case 'return-path-missing':
      return {
        text: trans.__('Nothing is there that would start the instance again (%1).', subject),
        todo: trans.__('Try again to stop it without a restart, or ask whoever manages it.'),
        detail
      };
    case 'access-denied':
      return {
        text: finding.action
          ? trans.__("The notebook's role may not do %1.", finding.action)
          : trans.__("The notebook's role may not do %1.", subject),
        todo: trans.__('Ask whoever manages this instance for that IAM permission.'),
        detail
      };
    case 'wrong-state':
      return {
        text: trans.__('AWS refused %1: the instance was in another state.', subject),
        todo: again,
        detail
      };
    case 'throttled':
      return {
        text: trans.__('AWS refused %1: there were too many requests.', subject),
        todo: again,
        detail
      };
    case 'unreachable':
      return {
        text: trans.__('AWS did not answer %1.', subject),
        todo: trans.__('Check the network of this instance, then try again.'),
        detail
      };
    case 'journal-not-written':
      return {
        text: trans.__('The journal %1 could not be written.', subject),
        todo: trans.__('Make room on the volume, then try again.'),
        detail
      };
    case 'timeout':
      return { text: trans.__('It took too long (%1).', subject), todo: again, detail };
    case 'interrupted':
      return {
        text: trans.__('The Jupyter server itself was started again in between (%1).', subject),
        todo: again,
        detail
      };
    case 'stop-not-carried-out':
      return {
        text: trans.__('AWS took the stop, but the instance is still %1.', subject),
        todo: again,
        detail
      };
    default:
      return {
        text: subject
          ? trans.__('Something went wrong (%1).', subject)
          : trans.__('Something went wrong.'),
        todo: again,
        detail
      };
  }
}

function documentText({ trans }: Language, path: string, detail: string): IFindingText {
  const [, outcome = '', said = ''] = /^([a-z-]+)[\s:,]*(.*)$/s.exec(detail) ?? [];
  if (said.startsWith('conflict')) {
    return {
      text: trans.__('%1 was changed on disk by something else.', path),
      todo: trans.__('Reload it from disk, or save yours under another name.'),
      detail: ''
    };
  }
  if (said.startsWith('overwritten')) {
    return {
      text: trans.__('%1 was saved by two tabs at once: one went over the other.', path),
      todo: trans.__('Try again: the version that is gone is then kept beside it.'),
      detail: ''
    };
  }
  if (said.startsWith('deleted')) {
    return {
      text: trans.__('%1 is open, but no longer on disk.', path),
      todo: trans.__('Save it to keep it, or close it.'),
      detail: ''
    };
  }
  if (said.startsWith('folder')) {
    return {
      text: trans.__('%1 could not be saved: its folder is gone.', path),
      todo: trans.__('Your text is still in the tab: save it elsewhere, or bring the folder back.'),
      detail: ''
    };
  }
  switch (outcome) {
    case 'read-only':
      return {
        text: trans.__('%1 has unsaved changes, but may not be written.', path),
        todo: trans.__('Save it under another name.'),
        detail: ''
      };
    case 'timeout':
      return {
        text: trans.__('%1 could not be saved in time.', path),
        todo: trans.__('Save it, then try again.'),
        detail: said
      };
    case 'unverified':
      return {
        text: trans.__('%1 was saved, but its file does not hold what you see.', path),
        todo: trans.__('Copy what you need, save it under another name, then try again.'),
        detail: ''
      };
    default:
      return {
        text: trans.__('%1 could not be saved.', path),
        todo: trans.__('Your text is still in the tab. Make room or save it elsewhere.'),
        detail: said || detail
      };
  }
}

/** Describe the error of a request. */
export function requestErrorText(language: Language, error: unknown): string {
  const { trans } = language;
  const { code, detail, message } =
    error instanceof ApiError ? error : new ApiError(0, '', String(error));
  switch (code) {
    case 'already-running':
      return trans.__('A restart is already running.');
    case 'reinstall-running':
      return trans.__('Packages are already being put back.');
    case 'not-saved': {
      const reason = notRestoredReason(language, { code: detail, detail: '' });
      return trans.__('The server refused: %1', reason || message);
    }
    case 'unreachable':
      return trans.__('The server does not answer. Nothing was changed.');
    default:
      return trans.__('The server refused: %1', message);
  }
}
