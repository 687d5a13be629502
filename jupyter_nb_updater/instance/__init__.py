"""Who am I: the notebook instance that this server runs on, as its own files and AWS describe it."""
