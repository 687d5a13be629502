"""Session restore: save layout, settings, terminals and chosen files to the volume, and restore them after a restart."""
