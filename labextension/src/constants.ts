/**
 * Names, ids and durations of the extension. `_MS` means milliseconds.
 */

/** The name of the npm package and the prefix of every plugin id. */
export const NAME = 'jupyter-nb-updater';

/** The gettext domain of all translated text. */
export const DOMAIN = 'jupyter_nb_updater';

/** URL path of the server extension. */
export const NAMESPACE = 'nb-updater';

/** Where a tab keeps the id of the restart that it asked for, as long as the tab is open. */
export const OWN_RESTART_KEY = `${DOMAIN}:own-restart`;

/** The commands that this extension adds to JupyterLab. */
export const CommandIDs = {
  restart: 'nb-updater:restart',
  addedPackages: 'nb-updater:added-packages'
} as const;

// Requests to the server

/** Timeout of a request to the server extension. */
export const API_TIMEOUT_MS = 8000;

/** Timeout of a request to the contents API for a small file. */
export const CONTENTS_TIMEOUT_MS = 10_000;

/** Minimum transfer rate of a server and its proxies. */
export const MIN_BYTES_PER_MS = 1000;

/** Delays before the WebSocket is opened again after it closed. */
export const CHANNEL_TIMING = {
  firstDelayMs: 1000,
  /** Where the server answers, but no WebSocket opens. */
  pollDelayMs: 5000,
  maxDelayMs: 30_000,
  /** Without our server extension; it may be installed later, but rarely. */
  absentDelayMs: 600_000,
  openTimeoutMs: 4000
} as const;

/** Interval for checking whether the new server responds; short, because a user is waiting. */
export const RECONNECT_POLL_MS = 1500;

// Saving

/** Timeout of one save of a small document. */
export const SAVE_TIMEOUT_MS = 15_000;

/** A tab reports this long before the server's deadline: the server then verifies shared documents and syncs the disk. */
export const SERVER_MARGIN_MS = 30_000;

/** Time limit of a save round if the server sets no deadline. */
export const DEFAULT_BUDGET_MS = 25_000;

/** Minimum time limit of a save round, for a tab that joins late: most documents need less. */
export const MIN_BUDGET_MS = 3000;

/** Time limit for saving what changed during the restart, before the page reloads. */
export const LAST_SAVE_MS = 20_000;

/**
 * Delays before each read of a document that jupyter-collaboration saves. The server writes when the round begins; a large
 * notebook takes longer.
 */
export const COLLABORATIVE_POLLS_MS = [0, 250, 500, 1000, 2000, 4000];

/** JupyterLab's tolerance between two clocks (`Context.lastModifiedCheckMargin`). */
export const CLOCK_MARGIN_MS = 500;

/** Time after a failed save in which JupyterLab may open its dialog "File Save Error". */
export const LATE_DIALOG_MS = 1000;

// User interface

/** Time for which a new button ignores clicks. */
export const CLICK_GUARD_MS = 1500;

/** Interval for refreshing the losses in the dialog before a restart. */
export const CONFIRM_REFRESH_MS = 5000;

/** Interval for redrawing the banner without a new state. Shorter with a simulated clock. */
export const BANNER_REFRESH_MS = 30_000;
export const MIN_BANNER_REFRESH_MS = 1000;

/** Duration of the notification that all packages are reinstalled. */
export const SUCCESS_NOTICE_MS = 8000;

/** Delay before loading the user interface is retried. */
export const LAZY_UI_RETRY_MS = 5000;

/** Time after which dialogs open even if JupyterLab is still restoring its layout. */
export const MAX_RESTORE_WAIT_MS = 15_000;
