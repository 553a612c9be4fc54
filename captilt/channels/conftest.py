"""Tests of a channel live in its folder; the network is closed to them as to all tests."""

from tests.conftest import _only_loopback  # noqa: F401 - a fixture of every test here
