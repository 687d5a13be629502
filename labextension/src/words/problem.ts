/**
 * Why the server did not do what it was asked to.
 */
import { ApiError } from '../api';
import type { Language } from '../i18n';

/** A sentence for what a request has thrown. */
export function problemSentence({ trans }: Language, error: unknown): string {
  const { code, message } = error instanceof ApiError ? error : new ApiError(0, '', String(error));
  switch (code) {
    case 'already-running':
      return trans.__('A restart is already running.');
    case 'unreachable':
      return trans.__('The server does not answer. Nothing was changed.');
    default:
      return trans.__('The server refused: %1', message);
  }
}
