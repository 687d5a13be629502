"""``jupyter nb-updater …``: the same facts for a terminal, a script and a cron job."""
