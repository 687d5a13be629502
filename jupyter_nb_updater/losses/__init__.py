"""List what a restart would destroy, with names and durations, to show it before the click."""
