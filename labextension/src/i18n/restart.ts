/**
 * What a restart is called: on the way to it, and while it runs.
 */
import type { IRestart } from '../server/protocol';
import type { Language } from './language';

/** The button that leads to a restart, or to a stop when nobody starts the instance again. */
export function restartLabel({ trans }: Language, stops: boolean): string {
  return stops ? trans.__('Save all and stop') : trans.__('Save all and restart');
}

/** The same in the menu and the command palette, where it opens a question. */
export function commandLabel({ trans }: Language, stops: boolean): string {
  return stops
    ? trans.__('Save All and Stop Notebook Instance…')
    : trans.__('Save All and Restart Notebook Instance…');
}

/** The title while a restart runs. */
export function runningTitle({ trans }: Language, restart: IRestart): string {
  return restart.stops_only ? trans.__('Stopping') : trans.__('Restarting');
}
