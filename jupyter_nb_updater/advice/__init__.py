"""Is a restart due? Signals say what one source knows; policy makes advice of them.

Nothing here touches clock, disk or network.
"""
