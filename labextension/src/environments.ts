/**
 * The list of added packages, by environment. It changes in place: what a person has unfolded stays so, and nothing moves
 * while packages come back one after the other.
 */
import { element, write } from './dom';
import type { Language } from './i18n';
import type { IEnvironment } from './protocol';
import { environmentItem, packageName, packageState } from './words/packages';

/** As many packages, of all environments, are shown without being asked for. */
const UNFOLDED = 8;

export class Environments {
  constructor(private readonly language: Language) {}

  readonly node = element('div', 'jp-NbUpdater-facts');

  /** Show these. */
  show(environments: IEnvironment[]): void {
    const known = JSON.stringify(
      environments.map(({ name, packages }) => [name, ...packages.map(packageName)])
    );
    if (known !== this._known) {
      this._known = known;
      this.build(environments);
    }
    environments.forEach((environment, index) => {
      const [, remark] = environmentItem(this.language, environment);
      const part = this._parts[index];
      if (part) {
        write(part.remark, remark);
        environment.packages.forEach((added, line) => {
          const state = part.states[line];
          if (state) {
            write(state, packageState(this.language, added));
          }
        });
      }
    });
  }

  private build(environments: IEnvironment[]): void {
    const count = environments.reduce((sum, { packages }) => sum + packages.length, 0);
    this._parts = environments.map(({ packages }) => ({
      remark: element('span', 'jp-NbUpdater-remark'),
      states: packages.map(() => element('span', 'jp-NbUpdater-state'))
    }));
    this.node.replaceChildren(
      ...environments.map(({ name, packages }, index) => {
        const { remark = '', states = [] } = this._parts[index] ?? {};
        const lines = packages.map((added, line) =>
          element('li', 'jp-NbUpdater-added', packageName(added), ' ', states[line] ?? '')
        );
        const details = element(
          'details',
          'jp-NbUpdater-environment',
          element('summary', '', element('strong', '', name), ' – ', remark),
          element('ul', 'jp-NbUpdater-list', ...lines)
        );
        details.open = count <= UNFOLDED;
        return details;
      })
    );
  }

  private _parts: { remark: HTMLElement; states: HTMLElement[] }[] = [];
  private _known = '';
}
