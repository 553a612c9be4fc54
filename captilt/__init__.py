"""The shell: clock, files, network and people; nothing imports it."""
