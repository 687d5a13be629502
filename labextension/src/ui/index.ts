/**
 * Everything that a person sees of this extension. It is one file that is loaded right after the page: the page must
 * have it before the server goes away.
 */
import bannerStyles from '../../style/banner.raw.css';
import dialogStyles from '../../style/dialogs.raw.css';
import iconStyles from '../../style/icons.raw.css';
import modalStyles from '../../style/modal.raw.css';
import { loadStyleSheet } from './dom';

/** Load the style sheets of everything here. Rejects when the server does not answer. */
export async function loadStyles(): Promise<void> {
  await Promise.all([bannerStyles, dialogStyles, iconStyles, modalStyles].map(loadStyleSheet));
}

export { Banner } from './banner';
export { ConfirmDialog } from './confirmDialog';
export { RefusalNotification, notRestartedDialog } from './notRestartedDialog';
export { PackageNotification } from './packageNotification';
export { AddedPackagesDialog } from './packagesPanel';
export { ProgressDialog } from './progressDialog';
export { RestartedDialog } from './restartedDialog';
export { StatusItem } from './statusItem';
export { whyDialog } from './whyDialog';
