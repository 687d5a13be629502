"""What there is to save, and what a restart destroys."""
