"""All notebook instances of an account and region, seen from outside."""
