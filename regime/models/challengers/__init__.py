"""Models that the default has to beat, and building blocks that only they use; the league scores every one."""
