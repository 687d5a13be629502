"""What this instance is really like: assumptions, observed facts, and the differences between the two."""
