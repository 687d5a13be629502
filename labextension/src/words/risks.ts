/**
 * What may go wrong with a restart and is in nobody's way, as the question before it says.
 */
import type { Language } from '../i18n';
import type { IRisk } from '../protocol';
import { bytes } from './bytes';

/** A risk, and what goes with it. */
export function riskItem(language: Language, { code, subject, detail }: IRisk): [string, string] {
  const { trans } = language;
  switch (code) {
    case 'start-was-slow':
      return [
        trans.__(
          'At risk: its start script took %1 the last time',
          language.duration(Number(subject))
        ),
        trans.__(
          'AWS fails a start after %1 minutes; tell whoever manages it',
          Math.round(Number(detail) / 60)
        )
      ];
    case 'volume-nearly-full':
      return [
        trans.__('At risk: the volume is nearly full (%1 free)', bytes(language, Number(detail))),
        trans.__('make room first, or a document may not be saved')
      ];
    case 'restarted-recently':
      return [
        trans.__('It came back from a restart only at %1', language.dateTime(subject)),
        trans.__('another one is hardly needed')
      ];
    default:
      return [trans.__('At risk: %1', subject || code), ''];
  }
}
