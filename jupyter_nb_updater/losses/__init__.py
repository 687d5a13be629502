"""What a restart destroys, by name and duration, and shown to the person before the click."""
