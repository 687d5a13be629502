"""What works on this instance, what is missing for a restart that comes back, and what to do about it. Changes nothing."""
