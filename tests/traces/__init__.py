"""Random restarts in a simulated world: nothing may end stopped, armed, or started against a user's will."""
