"""IAM permissions that the roles need: defined once, and made into policies and checks from there."""
