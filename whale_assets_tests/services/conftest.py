"""The terminal of a person, as the tests of commands have it."""

from whale_assets_tests.cli.conftest import environment, whale_assets

__all__ = ["environment", "whale_assets"]
