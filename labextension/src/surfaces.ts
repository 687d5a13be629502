/**
 * Everything that stands over the page, loaded right after it in a file of its own: the page must have it before the
 * server goes.
 */
import '../style/parts.css';
import '../style/modal.css';
import '../style/dialogs.css';

export { refusal, restarted, why } from './notices';
export { Overlay } from './overlay';
export { Sheet } from './sheet';
