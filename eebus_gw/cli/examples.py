"""Ready snippets for programs around the gateway, filled with this installation's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources

from eebus_gw.settings import Settings


@dataclass(frozen=True, slots=True)
class Installation:
    """What the snippets are filled with."""

    settings: Settings
    wallboxes: tuple[tuple[str, str], ...]
    """Id and name of each."""
    control_box: bool = False
    """Whether one is paired: only then there are topics of the grid side."""

    @property
    def base(self) -> str:
        return self.settings.mqtt.base_topic


def evcc(installation: Installation) -> str:
    """Chargers and the limit of the grid for ``evcc.yaml``."""
    base = installation.base
    profile = "" if installation.settings.profiles.evcc else _EVCC_PROFILE
    chargers = "\n".join(_charger(base, name) for name, _ in installation.wallboxes)
    limit = f"""\
hems:
  type: custom
  maxConsumptionPower: {{source: mqtt, topic: {base}/grid/lpc_w, timeout: 90s}}
circuits:
  - name: main
"""
    if not installation.control_box:
        limit = "# once a control box is paired; evcc does not start without the topic\n" + "".join(
            f"#{line}\n" for line in limit.splitlines()
        )
    return f"""\
{profile}# evcc.yaml, with evcc's own mqtt: section pointing at the same broker
chargers:
{chargers}
# the grid operator's limit (0 means: no limit) for the loadpoints that say "circuit: main"
{limit}"""


_EVCC_PROFILE = """\
# needs in the gateway's config.toml:
#   [profiles]
#   evcc = true
"""


def _charger(base: str, name: str) -> str:
    topic = f"{base}/{name}"
    return f"""\
  - name: eebus-{name}
    type: custom
    status:     {{source: mqtt, topic: {topic}/evcc/status, timeout: 90s}}
    enabled:    {{source: mqtt, topic: {topic}/evcc/enabled, timeout: 90s}}
    enable:     {{source: mqtt, topic: {topic}/set/charging_enabled}}
    maxcurrent: {{source: mqtt, topic: {topic}/set/max_current_a}}
    maxcurrentmillis: {{source: mqtt, topic: {topic}/set/max_current_a}}
    power:      {{source: mqtt, topic: {topic}/evcc/power, timeout: 90s}}
    energy:     {{source: mqtt, topic: {topic}/evcc/energy, timeout: 90s}}
    soc:        {{source: mqtt, topic: {topic}/evcc/soc, timeout: 90s}}
    currents:
      - {{source: mqtt, topic: {topic}/evcc/current_l1, timeout: 90s}}
      - {{source: mqtt, topic: {topic}/evcc/current_l2, timeout: 90s}}
      - {{source: mqtt, topic: {topic}/evcc/current_l3, timeout: 90s}}
    # only if every car that comes tells who it is
    #identify:  {{source: mqtt, topic: {topic}/evcc/identify, timeout: 90s}}
"""


def mosquitto(installation: Installation) -> str:
    """Access rules: what the gateway, an energy manager, Home Assistant and displays may read and write."""
    mqtt, prefix = installation.settings.mqtt, installation.settings.homeassistant.prefix
    base = mqtt.base_topic
    answers = [f"{each}/#" for each in mqtt.response_prefixes if each != base]
    write_answers = "".join(f"topic write {topic}\n" for topic in answers)
    read_answers = "".join(f"topic read {topic}\n" for topic in answers)
    return f"""\
# acl_file of Mosquitto
user {mqtt.username or "eebus"}
topic write {base}/#
topic write {prefix}/device/+/config
{write_answers}\
topic read {base}/+/set/#
topic read {base}/grid/meter/set
topic read {base}/bridge/request/#
topic read {prefix}/status

# the energy manager
user ems
topic read {base}/#
{read_answers}\
topic write {base}/+/set/#
topic write {base}/grid/meter/set
topic write {base}/bridge/request/#

user homeassistant
topic read {base}/#
topic write {base}/+/set/#
topic write {base}/bridge/request/#
topic readwrite {prefix}/#

# displays
user display
topic read {base}/#
"""


def systemd(installation: Installation) -> str:
    """The unit file, the same for every installation."""
    return _file("eebus-gw.service")


def docker(installation: Installation) -> str:
    """The compose file, the same for every installation."""
    return _file("compose.yaml")


def _file(name: str) -> str:
    """A file of ``packaging``, as the installed program carries it."""
    return resources.files(__package__).joinpath("service_files", name).read_text("utf-8")


EXAMPLES: Mapping[str, Callable[[Installation], str]] = {
    "docker": docker,
    "evcc": evcc,
    "mosquitto": mosquitto,
    "systemd": systemd,
}
