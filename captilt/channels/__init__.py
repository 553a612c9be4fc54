"""Ways to reach people: one folder a channel, one line each in `registry`."""
