/**
 * Name a restart: in buttons, in the commands, and in the title while it runs.
 */
import type { IRestart } from '../server/protocol';
import type { Language } from './language';

/** Label the button for a restart, or for a stop when nobody starts the instance again. */
export function restartLabel({ trans }: Language, stops: boolean): string {
  return stops ? trans.__('Save all and stop') : trans.__('Save all and restart');
}

/** Label the command in the menu and the palette; it opens a dialog. */
export function commandLabel({ trans }: Language, stops: boolean): string {
  return stops
    ? trans.__('Save All and Stop Notebook Instance…')
    : trans.__('Save All and Restart Notebook Instance…');
}

/** Title the dialog while a restart runs. */
export function runningTitle({ trans }: Language, restart: IRestart): string {
  return restart.stops_only ? trans.__('Stopping') : trans.__('Restarting');
}
