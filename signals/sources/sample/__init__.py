"""The packaged sample and the script that rebuilds it."""
