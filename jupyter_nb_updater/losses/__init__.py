"""What a restart destroys: named, timed and sized before the click."""
