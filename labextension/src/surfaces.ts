/**
 * Everything that is seen of us, loaded right after the page in a file of its own: the page must have it before the
 * server goes.
 */
import '../style/banner.css';
import '../style/parts.css';
import '../style/modal.css';
import '../style/dialogs.css';
import '../style/item.css';
import '../style/putback.css';
import '../style/why.css';

export { Added } from './added';
export { Banner } from './banner';
export { Herald } from './herald';
export { Item } from './item';
export { Overlay } from './overlay';
export { refusal } from './refusal';
export { Restarted } from './restarted';
export { Sheet } from './sheet';
export { why } from './why';
