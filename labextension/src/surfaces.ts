/**
 * Everything that stands over the page, loaded right after it in a file of its own: the page must have it before the
 * server goes.
 */
import '../style/parts.css';
import '../style/modal.css';
import '../style/dialogs.css';
import '../style/item.css';
import '../style/why.css';

export { Item } from './item';
export { refusal, restarted } from './notices';
export { Overlay } from './overlay';
export { Sheet } from './sheet';
export { why } from './why';
