/**
 * Names, ids and durations of the extension. `_MS` is milliseconds.
 */

/** The name of the npm package and the prefix of every plugin id. */
export const NAME = 'jupyter-nb-updater';

/** The gettext domain of the visible text. */
export const DOMAIN = 'jupyter_nb_updater';

/** The part of the URL below which the server extension answers. */
export const NAMESPACE = 'nb-updater';

/** The commands that this extension adds to JupyterLab. */
export const CommandIDs = {
  restart: 'nb-updater:restart',
  addedPackages: 'nb-updater:added-packages'
} as const;

// Requests to the server

/** How long a request to the server extension may take. */
export const API_TIMEOUT_MS = 8000;

/** How long a request to the contents API about a small file may take. */
export const CONTENTS_TIMEOUT_MS = 10_000;

/** How fast a server and its proxies transfer a file at the very least. */
export const MIN_BYTES_PER_MS = 1000;

/** When the WebSocket is opened again after it has closed. */
export const CHANNEL_TIMING = {
  firstDelayMs: 1000,
  maxDelayMs: 30_000,
  /** The server does not have our extension: somebody may install it, but the page need not ask often. */
  absentDelayMs: 600_000,
  openTimeoutMs: 10_000
} as const;

/** How often a page asks whether the new server answers; short, because each answer ends somebody's wait. */
export const RECONNECT_POLL_MS = 1500;

// Saving

/** How long one save of a small document may take. */
export const SAVE_TIMEOUT_MS = 15_000;

/** How much earlier than the server's deadline a tab answers: the server then reads shared documents and syncs the disk. */
export const SERVER_MARGIN_MS = 30_000;

/** How long a save round may take when the server sets no deadline. */
export const DEFAULT_BUDGET_MS = 25_000;

/** How long a save round may take even in a tab that joins late: most documents need less. */
export const MIN_BUDGET_MS = 3000;

/** How long the save of what changed during the restart may take, before the page loads again. */
export const LAST_SAVE_MS = 20_000;

/**
 * The delay before each read of a document that jupyter-collaboration saves. The server writes when the round begins; a
 * large notebook takes longer.
 */
export const COLLABORATIVE_POLLS_MS = [0, 250, 500, 1000, 2000, 4000];

/** JupyterLab's own margin between two clocks (`Context.lastModifiedCheckMargin`). */
export const CLOCK_MARGIN_MS = 500;

/** How long after a failed save JupyterLab may still open its "File Save Error". */
export const LATE_DIALOG_MS = 1000;

// What a person sees

/** How long a button ignores clicks after it has appeared. */
export const CLICK_GUARD_MS = 1500;

/** How often the dialog before a restart asks what would be lost: a kernel stops, another starts. */
export const CONFIRM_REFRESH_MS = 5000;

/** How often the banner is drawn again without news from the server. A simulated clock makes it more often. */
export const BANNER_REFRESH_MS = 30_000;
export const MIN_BANNER_REFRESH_MS = 1000;

/** How long the notification that all packages are reinstalled stays. */
export const SUCCESS_NOTICE_MS = 8000;

/** How long to wait before the user interface is loaded again after that has failed. */
export const LAZY_UI_RETRY_MS = 5000;

/** After which time dialogs open although JupyterLab is still restoring its layout. */
export const MAX_RESTORE_WAIT_MS = 15_000;
