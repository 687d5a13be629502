/**
 * Everything that is seen of us, loaded right after the page in a file of its own: the page must have it before the
 * server goes.
 */
import '../../style/banner.css';
import '../../style/dialogs.css';
import '../../style/item.css';
import '../../style/modal.css';
import '../../style/parts.css';
import '../../style/putback.css';
import '../../style/why.css';

export { AddedPackagesDialog } from './packagesPanel';
export { Banner } from './banner';
export { PackageNotification } from './packageNotification';
export { StatusItem } from './statusItem';
export { ProgressDialog } from './progressDialog';
export { notRestartedDialog } from './notRestartedDialog';
export { RestartedDialog } from './restartedDialog';
export { ConfirmDialog } from './confirmDialog';
export { whyDialog } from './whyDialog';
