"""What is piped and what is not, and counts as people say them."""

import pytest

from whale_assets.cli.screen import notice, plural, stdout


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 ranges"), (1, "1 range"), (2, "2 ranges"), (12_345, "12,345 ranges")]
)
def test_a_count_carries_its_noun(count: int, text: str) -> None:
    assert plural(count, "range") == text


def test_a_notice_is_not_among_what_is_piped_and_nothing_in_it_is_markup(capsys: pytest.CaptureFixture[str]) -> None:
    stdout.print("a result")
    notice("[bold]" + "long " * 40)
    captured = capsys.readouterr()
    assert captured.out == "a result\n"
    assert captured.err == "[bold]" + "long " * 40 + "\n"
