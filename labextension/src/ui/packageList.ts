/**
 * List added packages by environment. The list changes in place: what somebody has unfolded stays unfolded, and nothing
 * moves while packages are installed one after the other.
 */
import type { Language } from '../i18n/language';
import { environmentItem, packageName, packageState } from '../i18n/packages';
import type { IEnvironment } from '../server/protocol';
import { element, setText } from './dom';

/** Up to so many packages, of all environments, the list is unfolded at first. */
const MAX_UNFOLDED_PACKAGES = 8;

export class PackageList {
  constructor(private readonly language: Language) {}

  readonly node = element('div', 'jp-NbUpdater-facts');

  /** Show these environments and the state of their packages. */
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
        setText(part.remark, remark);
        environment.packages.forEach((added, line) => {
          const state = part.states[line];
          if (state) {
            setText(state, packageState(this.language, added));
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
        details.open = count <= MAX_UNFOLDED_PACKAGES;
        return details;
      })
    );
  }

  private _parts: { remark: HTMLElement; states: HTMLElement[] }[] = [];
  private _known = '';
}
