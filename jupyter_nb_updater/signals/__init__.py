"""What speaks for a restart: each source looks at one thing, and answers `current`, `due` or `unknown`."""
