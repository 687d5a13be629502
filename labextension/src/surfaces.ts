/**
 * The dialogs that are needed only when there is something to say: they are loaded after the page, in a file of their own.
 */
import '../style/dialogs.css';

export { refusal, restarted, why } from './notices';
export { Sheet } from './sheet';
