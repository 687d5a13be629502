/**
 * The surfaces with another timer: what has just appeared counts when a test says so.
 */
import type { Timer } from '../src/arming';
import type { Surfaces } from '../src/arrival';

/** As the page loads them, but for the time that passes. */
export async function surfacesWith(timer: Timer): Promise<Surfaces> {
  const all = await import('../src/surfaces');
  type Of<T extends abstract new (...all: never[]) => unknown> = ConstructorParameters<T>;
  class Sheet extends all.Sheet {
    constructor(...[model, api, language, state]: Of<typeof all.Sheet>) {
      super(model, api, language, state, timer);
    }
  }
  class Overlay extends all.Overlay {
    constructor(...[language, state, cancel, reload]: Of<typeof all.Overlay>) {
      super(language, state, cancel, reload, timer);
    }
  }
  class Restarted extends all.Restarted {
    constructor(...[language, model, api, outcome, close]: Of<typeof all.Restarted>) {
      super(language, model, api, outcome, close, timer);
    }
  }
  class Added extends all.Added {
    constructor(...[language, model, api]: Of<typeof all.Added>) {
      super(language, model, api, timer);
    }
  }
  const why: Surfaces['why'] = (language, model, api, state) =>
    all.why(language, model, api, state, timer);
  return { ...all, Added, Overlay, Restarted, Sheet, why };
}
