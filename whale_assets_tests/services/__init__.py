"""Tests on real services. Comparisons that several of them share say what differs, as those in a test do."""

import pytest

pytest.register_assert_rewrite("whale_assets_tests.services.geth_says")
