"""The resident desk: a run after every session, and after every absence what was missed."""
