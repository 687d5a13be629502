"""Signal sources: each examines one aspect of the instance and answers ``current``, ``due`` or ``unknown``."""
