/**
 * Postpone a restart: to a time, or by a hold until which nothing restarts the instance.
 */
import type { IClocks } from '../i18n/banner';
import type { Language } from '../i18n/language';
import { button, element, uniqueId } from './dom';

export interface IPostponeActions {
  /** Restart at a time (ISO 8601 in UTC). */
  restart: (when: string) => void;
  /** Hold the instance as it is until a time. */
  hold: (until: string, reason: string, by: string) => void;
}

const HOUR_MS = 3_600_000;

export class PostponeForm {
  /**
   * @param clocks - the times that a restart and a hold go by
   * @param name - the name that somebody gave before
   */
  constructor(language: Language, clocks: IClocks, name: string, actions: IPostponeActions) {
    const { trans } = language;
    const at = timeField(clocks.now, 1);
    const until = timeField(clocks.adviceNow, 4);
    const reason = field('text', trans.__('e.g. model training'));
    reason.maxLength = 200;
    const by = field('text', '');
    by.maxLength = 100;
    by.value = name;
    this._buttons = [
      button(trans.__('Schedule restart'), 'reject', () => {
        useTime(at, clocks.now, actions.restart);
      }),
      button(trans.__('Place hold'), 'reject', () => {
        useTime(until, clocks.adviceNow, time => {
          actions.hold(time, reason.value, by.value);
        });
      })
    ];
    const [restart, hold] = this._buttons;
    this.node = element(
      'details',
      'jp-NbUpdater-details',
      element('summary', '', trans.__('Not now…')),
      row([labelled(trans.__('Restart at'), at)], restart),
      row(
        [
          labelled(trans.__('Hold until'), until),
          labelled(trans.__('Reason'), reason),
          labelled(trans.__('Your name'), by)
        ],
        hold
      )
    );
  }

  readonly node: HTMLElement;

  /** Enable or disable the buttons. */
  setEnabled(isEnabled: boolean): void {
    for (const button of this._buttons) {
      button.disabled = !isEnabled;
    }
  }

  private readonly _buttons: HTMLButtonElement[];
}

/** Use the time of a field, unless it is empty or past: then the browser says what is wrong. */
function useTime(input: HTMLInputElement, now: number, use: (time: string) => void): void {
  input.min = local(now);
  const time = new Date(input.value);
  if (input.reportValidity() && !Number.isNaN(time.getTime())) {
    use(`${time.toISOString().slice(0, 19)}Z`);
  }
}

/** Create a field for a time; at first it is on the hour, so many hours from now. */
function timeField(now: number, hours: number): HTMLInputElement {
  const input = field('datetime-local', '');
  input.required = true;
  input.value = local(Math.ceil(now / HOUR_MS + hours - 1) * HOUR_MS);
  return input;
}

/** Format a time as the field needs it: in the local time zone, without naming it. */
function local(time: number): string {
  const offset = new Date(time).getTimezoneOffset() * 60_000;
  return new Date(time - offset).toISOString().slice(0, 16);
}

function field(type: string, placeholder: string): HTMLInputElement {
  const input = element('input', 'jp-mod-styled');
  input.type = type;
  input.placeholder = placeholder;
  return input;
}

function labelled(text: string, input: HTMLInputElement): HTMLElement {
  input.id = uniqueId();
  const label = element('label', '', text);
  label.htmlFor = input.id;
  return element('span', 'jp-NbUpdater-field', label, input);
}

function row(fields: HTMLElement[], action: HTMLButtonElement | undefined): HTMLElement {
  return element('div', 'jp-NbUpdater-row', ...fields, ...(action ? [action] : []));
}
