"""What the roles must be allowed: said once, and made into policies, checks and words from there."""
