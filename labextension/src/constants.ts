/**
 * Names and limits.
 */

/** The name of the npm package and the prefix of every plugin id. */
export const NAME = 'jupyter-nb-updater';

/** The gettext domain. */
export const DOMAIN = 'jupyter_nb_updater';

/** The part of the URL below which the server extension answers. */
export const NAMESPACE = 'nb-updater';

export const CommandIDs = {
  restart: 'nb-updater:restart',
  addedPackages: 'nb-updater:added-packages'
} as const;
