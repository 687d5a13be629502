"""Session restore: saves layout, settings, terminals and chosen files to the volume, and restores them after a restart."""
