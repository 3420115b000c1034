"""`--forbid-skips`, which stands between CI and a green run that tested nothing."""

from pathlib import Path

import pytest

pytest_plugins = "pytester"

SKIPPING = {
    "test_itself": "import pytest\ndef test_it(): pytest.skip('no geth')",
    "test_fixture": "import pytest\n@pytest.fixture\ndef geth(): pytest.skip('no geth')\ndef test_it(geth): ...",
    "test_module": "import pytest\npytest.skip('no geth', allow_module_level=True)",
}


def test_a_skip_is_a_failure_with_its_reason_where_skips_are_forbidden(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text())
    pytester.makepyfile(**SKIPPING)
    assert pytester.runpytest().parseoutcomes() == {"skipped": 3}

    forbidden = pytester.runpytest("--forbid-skips", "--continue-on-collection-errors")
    assert forbidden.parseoutcomes() == {"failed": 1, "errors": 2}
    forbidden.stdout.fnmatch_lines_random(
        [f"* {name}.py* - skips are forbidden; Skipped: no geth" for name in SKIPPING]
    )
