"""Configuration: order of sources, unknown keys, origins (contract §3)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.config import Config, load_config, valid_keys
from eebus_gw.config_template import template, write_template
from eebus_gw.errors import ConfigError
from eebus_gw.settings import FeedIn, Settings


def load(
    text: str = "",
    environment: dict[str, str] | None = None,
    tmp_path: Path | None = None,
    **o: Any,
) -> Config:
    file = None
    if tmp_path is not None:
        file = tmp_path / "config.toml"
        file.write_text(text)
    options = {key.replace("__", "."): value for key, value in o.items()}
    return load_config(file, environment=environment or {}, options=options)


def test_defaults_are_those_of_the_contract() -> None:
    settings = load().settings
    assert (settings.ship.port, settings.ship.grid_port) == (4712, 4713)
    assert settings.mqtt.base_topic == "eebus"
    assert settings.site.feed_in is FeedIn.FORBIDDEN
    assert (settings.site.failsafe_w, settings.site.failsafe_duration_s) == (4200, 7200)
    assert (settings.ems.timeout_s, settings.ems.fallback) == (0, "keep")
    assert not settings.profiles.evcc
    assert not settings.profiles.openwb
    device = settings.device("carport")
    assert device.bidirectional is None
    assert device.discharge_budget_kwh_per_day == 20
    assert device.reversals_per_hour == 12
    driver = device.driver
    assert (driver.min_soc_percent, driver.target_soc_percent) == (30, 80)
    assert (driver.departure, driver.discharge_permitted) == (None, False)


def test_later_sources_win_and_are_named(tmp_path: Path) -> None:
    text = "[ship]\nport = 1001\ngrid_port = 1001\nmdns = false\n"
    variables = {"EEBUS_GW_SHIP__PORT": "1002", "EEBUS_GW_SHIP__GRID_PORT": "1002"}
    config = load(text, variables, tmp_path, ship__port=1003, mqtt__url=None)
    assert (config.settings.ship.port, config.settings.ship.grid_port) == (1003, 1002)
    rows = {key: (value, origin) for key, value, origin in config.rows()}
    assert rows["ship.port"] == (1003, "option")
    assert rows["ship.grid_port"] == (1002, "EEBUS_GW_SHIP__GRID_PORT")
    assert rows["ship.mdns"] == (False, str(tmp_path / "config.toml"))
    assert rows["mqtt.url"] == (None, "default")


@pytest.mark.parametrize(
    ("text", "unknown", "nearest"),
    [
        ("[mqtt]\nuri = 'x'", "mqtt.uri", "mqtt.url"),
        ("[mqt]\nurl = 'x'", "mqt", "mqtt"),
        ("[site]\nfeedin = 0", "site.feedin", "site.feed_in"),
        ("[devices.box]\nbidirektional = 'on'", "devices.box.bidirektional", "devices.box.bidir"),
        ("[devices.box.driver]\nmin_soc = 1", "min_soc", "devices.box.driver.min_soc_percent"),
        ("base_topic = 'x'", "base_topic", "mqtt.base_topic"),
        ("[zzz]\nyyy = 1", "zzz", "sections are"),
    ],
)
def test_unknown_keys_name_the_nearest(
    tmp_path: Path, text: str, unknown: str, nearest: str
) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml: unknown key") as wrong:
        load(text, tmp_path=tmp_path)
    assert unknown in str(wrong.value)
    assert nearest in wrong.value.hint


def test_unknown_variables_name_the_nearest() -> None:
    with pytest.raises(ConfigError, match="EEBUS_GW_MQTT__URI") as wrong:
        load(environment={"EEBUS_GW_MQTT__URI": "x"})
    assert "mqtt.url" in wrong.value.hint


def test_variables_of_container_platforms_are_no_settings() -> None:
    variables = {
        "EEBUS_GW_SERVICE_HOST": "192.0.2.1",
        "EEBUS_GW_PORT_4712_TCP": "tcp://192.0.2.1:4712",
        "EEBUS_GW_HOME": "/home",
        "EEBUS_GW_MQTT_URL": "mqtt://x",
    }
    config = load(environment=variables)
    assert config.settings == Settings()
    assert config.warnings == ("EEBUS_GW_MQTT_URL is ignored; did you mean EEBUS_GW_MQTT__URL?",)


def test_variables_reach_devices_and_lists() -> None:
    variables = {
        "EEBUS_GW_DEVICES__LEFT_BOX__BIDIRECTIONAL": "on",
        "EEBUS_GW_DEVICES__LEFT_BOX__DRIVER__DEPARTURE": "07:30",
        "EEBUS_GW_SHIP__INTERFACES": "eth0, wlan0",
        "EEBUS_GW_LOGGING__LEVELS": "eebus_gw.ship=debug,eebus_gw.net=info",
    }
    settings = load(environment=variables).settings
    assert settings.device("left-box").bidirectional == "on"
    departure = settings.device("left-box").driver.departure
    assert departure is not None
    assert departure.isoformat() == "07:30:00"
    assert settings.ship.interfaces == ["eth0", "wlan0"]
    assert settings.logging.levels["eebus_gw.ship"] == "debug"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[ship]\nport = 70000", ("config.toml", "ship.port", "70000", "65535")),
        ("[site]\nfeed_in = 'much'", ("site.feed_in", "'much'", "forbidden, allowed")),
        ("[site]\nfeed_in = -1", ("site.feed_in", "-1")),
        ("[site]\nfailsafe_duration_s = 60", ("site.failsafe_duration_s", "7200")),
        ("[mqtt]\nbase_topic = 'a/#'", ("mqtt.base_topic", "no wildcards")),
        ("[mqtt]\nbase_topic = '/a'", ("mqtt.base_topic", "'/'")),
        ("[mqtt]\nurl = 'http://x'", ("mqtt.url", "mqtt or mqtts")),
        ("[mqtt]\nurl = 'mqtt://x/topic'", ("mqtt.url", "base_topic")),
        ("[mqtt]\ncertificate_file = 'c'", ("mqtt", "go together")),
        ("[devices.Box]\npriority = 1", ("devices.Box",)),
        ("[devices.box.driver]\nmin_soc_percent = 90", ("devices.box.driver", "above")),
        ("[ship\n", ("no TOML",)),
    ],
)
def test_wrong_values_say_where_and_what(tmp_path: Path, text: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as wrong:
        load(text, tmp_path=tmp_path)
    for part in parts:
        assert part in str(wrong.value)


def test_a_second_header_of_a_section_says_where_the_key_belongs(tmp_path: Path) -> None:
    """What happens when a snippet of the documents is appended to the file that init wrote."""
    with pytest.raises(ConfigError, match="twice") as wrong:
        load("[mqtt]\n#url = ''\n[mqtt]\nurl = 'mqtt://host'", tmp_path=tmp_path)
    assert "below the header that exists" in wrong.value.hint


def test_a_password_in_the_url_is_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no password in the URL") as wrong:
        load("[mqtt]\nurl = 'mqtt://me:sesame@host'", tmp_path=tmp_path)
    assert "sesame" not in str(wrong.value)


def test_secrets_are_hidden(tmp_path: Path) -> None:
    config = load("[mqtt]\npassword = 'sesame'", tmp_path=tmp_path)
    assert config.settings.mqtt.password is not None
    assert config.settings.mqtt.password.get_secret_value() == "sesame"
    assert {key: value for key, value, _ in config.rows()}["mqtt.password"] == "***"
    assert "sesame" not in repr(config)


def test_paths_start_at_the_file_never_at_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    config = load("[mqtt]\nca_file = 'ca.pem'", tmp_path=tmp_path)
    assert config.settings.mqtt.ca_file == tmp_path / "ca.pem"
    with pytest.raises(ConfigError, match="relative"):
        load(environment={"EEBUS_GW_MQTT__CA_FILE": "ca.pem"})


@pytest.mark.parametrize("value", [0, 600, "600", "allowed", "forbidden"])
def test_feed_in_is_a_word_or_watts(value: int | str) -> None:
    feed_in = load(site__feed_in=value).settings.site.feed_in
    assert feed_in == (value if value in set(FeedIn) else float(value))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://host", "mqtt://host"),
        ("mqtts://host:8883/", "mqtts://host:8883/"),
        ("host:1884", "mqtt://host:1884"),
        ("mqtt://me@host", "mqtt://me@host"),
        ("", None),
    ],
)
def test_broker_urls(url: str, expected: str | None) -> None:
    assert load(mqtt__url=url).settings.mqtt.url == expected


def test_a_missing_file_matters_only_when_it_was_named(tmp_path: Path) -> None:
    absent = tmp_path / "absent.toml"
    assert load_config(absent, environment={}).settings == Settings()
    with pytest.raises(ConfigError, match="no configuration file"):
        load_config(absent, environment={}, required=True)


def test_the_template_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    write_template(file)
    assert load_config(file, environment={}).settings == Settings()
    with pytest.raises(FileExistsError):
        write_template(file)


def test_the_template_shows_every_key_in_valid_toml() -> None:
    uncommented = "\n".join(
        line[1:] if line.startswith("#") and not line.startswith("# ") else line
        for line in template().splitlines()
    )
    tree = tomllib.loads(uncommented)
    shown = set()
    for section, keys in tree.items():
        for key, value in keys.items():
            if section == "devices":
                shown |= {f"devices.<id>.{name}" for name in value if name != "driver"}
                shown |= {f"devices.<id>.driver.{name}" for name in value["driver"]}
            else:
                shown.add(f"{section}.{key}")
    assert shown == set(valid_keys())


def test_every_key_is_described() -> None:
    assert "None" not in template()
