"""The same desk after a restart: what outside the volume made it this person's, kept on the volume and laid back."""
