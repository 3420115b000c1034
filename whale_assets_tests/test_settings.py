"""The settings: what may stand in the environment, what is said of the rest, and what of them is shown."""

import pytest
from click.testing import CliRunner

from whale_assets.chain.pools.factories import FACTORIES
from whale_assets.chain.thresholds import Limit, Thresholds
from whale_assets.cli.main import main
from whale_assets.cli.screen import stdout
from whale_assets.errors import WrongUse
from whale_assets.settings import Settings, masked, read_settings, shown

KEY = "Geheim1234567890"
FORK = f"uniswap_v3:0x{'a1' * 20}:0x{'b2' * 32}:500+3000"
DEFAULTS = Settings.model_validate({})


def refusal_of(**environment: str) -> str:
    """What a person is told of this environment."""
    with pytest.raises(WrongUse) as refused:
        read_settings(environment)
    return str(refused.value)


def test_without_any_variable_the_defaults_hold() -> None:
    assert read_settings({"PATH": "/bin", "HOME": "/root"}) == DEFAULTS


def test_an_empty_variable_counts_as_unset() -> None:
    assert read_settings({"WHALE_LAKE": "", "WHALE_THRESHOLD_USD": "", "WHALE_PRICE_SOURCES": ""}) == DEFAULTS


def test_what_is_given_is_taken() -> None:
    settings = read_settings(
        {
            "WHALE_NODE_URL": f"https://node.example/{KEY}",
            "WHALE_SOURCE": "graphql",
            "WHALE_THRESHOLD_USD": "2.5e6",
            "WHALE_PRICE_SOURCES": " imported , chainlink ",
            "WHALE_TOKEN_THRESHOLDS": f"0x{'A1' * 20}=5000000usd , 0x{'b2' * 20}=2.5e3",
            "WHALE_POOL_FACTORIES": f" {FORK.upper().replace('0X', '0x').replace('UNISWAP_V3', 'uniswap_v3')} ",
            "WHALE_TIME_ZONE": "Europe/Berlin",
            "WHALE_EXPLORER": "none",
        }
    )
    assert settings.node_url.get_secret_value() == f"https://node.example/{KEY}"
    assert (settings.source, settings.threshold_usd) == ("graphql", 2_500_000)
    assert settings.price_sources == ("imported", "chainlink")
    limits = {"0x" + "a1" * 20: Limit(5e6, "usd"), "0x" + "b2" * 20: Limit(2.5e3, "tokens")}
    assert settings.thresholds == Thresholds(2_500_000, limits)
    assert shown(settings)["token_thresholds"] == f"0x{'a1' * 20}=5000000usd,0x{'b2' * 20}=2500"
    assert [str(factory) for factory in settings.pool_factories] == [FORK] == [shown(settings)["pool_factories"]]
    assert (settings.time_zone, settings.explorer) == ("Europe/Berlin", "none")


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("WHALE_TRESHOLD_USD", "did you mean WHALE_THRESHOLD_USD?"),
        ("WHALE_NODE", "did you mean WHALE_NODE_URL?"),
        ("WHALE_Source", "did you mean WHALE_SOURCE?"),
        ("WHALE_XYZZY", "`whale-assets config` lists them"),
    ],
)
def test_a_misspelt_setting_is_named_with_what_may_be_meant(variable: str, hint: str) -> None:
    assert refusal_of(**{variable: "1"}) == f"{variable} is no setting: {hint}"


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("WHALE_NODE_CONCURRENCY", "0", "greater than or equal to 1"),
        ("WHALE_NODE_CONCURRENCY", "65", "less than or equal to 64"),
        ("WHALE_NODE_BATCH", "two", "a valid integer"),
        ("WHALE_NODE_TIMEOUT", "0.5", "greater than or equal to 1"),
        ("WHALE_THRESHOLD_USD", "0", "greater than 0"),
        ("WHALE_THRESHOLD_USD", "nan", "less than or equal to 1000000000000"),
        ("WHALE_RANGE_SIZE", "2.5", "a valid integer"),
        ("WHALE_IMPORTED_PRICE_AGE", "-1", "greater than or equal to 1"),
        ("WHALE_SOURCE", "grpc", "'auto', 'graphql' or 'jsonrpc'"),
        ("WHALE_PRICE_SOURCES", "chainlink,oracle", "each at most once, of: chainlink, imported, pools"),
        ("WHALE_PRICE_SOURCES", "imported,imported", "each at most once, of: chainlink, imported, pools"),
        ("WHALE_TOKEN_THRESHOLDS", "USDT=5", "'USDT=5' should look like 0x"),
        ("WHALE_TOKEN_THRESHOLDS", f"0x{'a1' * 20}=0usd", "should look like"),
        ("WHALE_TOKEN_THRESHOLDS", f"0x{'a1' * 20}=1e999", "should look like"),
        ("WHALE_TOKEN_THRESHOLDS", f"0x{'a1' * 20}=1e5,", "should look like"),
        ("WHALE_TIME_ZONE", "Mars/Olympus", "no such time zone"),
        ("WHALE_TIME_ZONE", "../etc", "no such time zone"),
        ("WHALE_EXPLORER", "etherscan.io", "should match pattern"),
        ("WHALE_LIVE_ASSETS", "prices,valued_transaction", "did you mean valued_transactions?"),
        ("WHALE_LIVE_ASSETS", "tokens", "'tokens' is no asset of block ranges"),
        ("WHALE_PRICE_SOURCES", "pools", "pools need a source of dollars beside them: chainlink or imported"),
        ("WHALE_POOL_DEPTH_USD", "nan", "finite number"),
        ("WHALE_POOL_FACTORIES", "uniswap_v2:0x5c69", "should look like uniswap_v2:0x5c69…"),
        ("WHALE_POOL_FACTORIES", f"{FORK},{FORK}", f"0x{'a1' * 20} is there twice"),
        ("WHALE_POOL_FACTORIES", str(FACTORIES[0]), "is there twice, or known without being listed"),
        ("WHALE_PRICE_SOURCES", ",", "each at most once, of: chainlink, imported, pools"),
    ],
)
def test_a_value_that_may_not_be_is_refused_with_what_is_allowed(variable: str, value: str, allowed: str) -> None:
    told = refusal_of(**{variable: value})
    assert told.startswith(f"{variable}: ")
    assert allowed in told


@pytest.mark.parametrize(
    "url",
    [
        f"localhost:8545/{KEY}",
        f"ws://localhost:8546/{KEY}",
        f"http:///{KEY}",
        f"http://user:{KEY}@host:99999999/",
        f"http://user:{KEY}/@host/",
        f"http://[::1/{KEY}",
    ],
)
def test_a_node_url_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    assert refusal_of(WHALE_NODE_URL=url) == "WHALE_NODE_URL: it should look like http://localhost:8545"


def test_all_faults_are_told_at_once_in_one_line_and_nothing_is_done() -> None:
    environment = {"WHALE_NODE_BATCH": "0", "WHALE_RANGE_SIZE": "many", "WHALE_FOO": "1"}
    result = CliRunner().invoke(main, ["config"], env=environment)
    assert (result.exit_code, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert all(variable in line for variable in environment)


@pytest.mark.parametrize(
    ("url", "as_shown"),
    [
        ("http://localhost:8545", "http://localhost:8545"),
        ("http://localhost:8545/", "http://localhost:8545"),
        (f"https://{KEY}@node.example", "https://node.example"),
        (f"https://user:{KEY}@node.example:443/rpc", "https://node.example:443/…"),
        (f"https://node.example/v3/{KEY}", "https://node.example/…"),
        (f"https://node.example?key={KEY}", "https://node.example/…"),
        (f"https://node.example#{KEY}", "https://node.example/…"),
        (f"http://[::1]:8545/{KEY}", "http://[::1]:8545/…"),
        (f"mysql://whale:{KEY}@db.example:3306/whale", "mysql://db.example:3306/…"),
        (f"mysql:///whale?unix_socket=/run/s&password={KEY}", "…"),
        (f"sqlite+pysqlcipher://:{KEY}@/whale.db", "…"),
        (f"http://user:{KEY}@host:port/", "…"),
        ("sqlite:///.whale/whale.db", "sqlite:///.whale/whale.db"),
    ],
)
def test_of_a_url_only_scheme_and_host_are_shown(url: str, as_shown: str) -> None:
    assert masked(url) == as_shown


def test_config_shows_every_setting_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdout, "width", 200)
    environment = {
        "WHALE_NODE_URL": f"https://user:{KEY}@node.example/{KEY}?key={KEY}",
        "WHALE_SQL_URL": f"sqlite:///whale.db?key={KEY}",
    }
    result = CliRunner().invoke(main, ["config"], env=environment)
    assert result.exit_code == 0
    assert KEY not in result.output + repr(read_settings(environment))
    assert "https://node.example/…" in result.stdout
    for name, field in Settings.model_fields.items():
        assert f"WHALE_{name.upper()}" in result.stdout
        assert str(field.description) in result.stdout
    assert shown(DEFAULTS)["threshold_usd"] in result.stdout
