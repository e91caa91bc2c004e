"""How soon a wallbox is seen on MQTT, and a command from MQTT obeyed."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks import Figure
from benchmarks._observer import Observer, Seen
from benchmarks._processes import gateway, paired_home, running, wallboxes
from eebus_gw.cli.demo_broker import embedded_broker

FIGURES = ("first_measurement_ms", "command_applied_ms")
CONNECTIONS = 9
COMMANDS = 25
PAUSE_S = 0.35
DEVICE = "box-1"


def measure(wanted: frozenset[str]) -> dict[str, Figure]:
    """Milliseconds, medians."""
    figures: dict[str, Figure] = {}
    if "first_measurement_ms" in wanted:
        figures["first_measurement_ms"] = _milliseconds(_first_measurements())
    if "command_applied_ms" in wanted:
        figures["command_applied_ms"] = _milliseconds(_commands())
    return figures


def _first_measurements() -> list[float]:
    """From each beginning of a dial to the first measurement of the car on MQTT, but for the very first."""
    with tempfile.TemporaryDirectory() as name, embedded_broker(Path(name)) as port:
        directory = Path(name)
        with wallboxes(directory, 1) as boxes, Observer(port, f"{DEVICE}/meter") as observer:
            home = paired_home(directory / "gateway", boxes)
            with running("benchmarks._gateway", home, port) as program:
                taken = []
                for _ in range(CONNECTIONS + 1):
                    dialled: float = program.line()["dialled"]
                    taken.append(observer.wait(_measured, after=dialled).at - dialled)
    return taken[1:]


def _commands() -> list[float]:
    """From publishing a command to its result ``applied``, in turn 8 A and 12 A."""
    with tempfile.TemporaryDirectory() as name, embedded_broker(Path(name)) as port:
        directory = Path(name)
        leaves = (f"{DEVICE}/result", f"{DEVICE}/limits")
        with wallboxes(directory, 1) as boxes, Observer(port, *leaves) as observer:
            home = paired_home(directory / "gateway", boxes)
            with gateway(home, port):
                observer.wait(_can_be_limited)
                return [_command(observer, number) for number in range(COMMANDS + 1)][1:]


def _command(observer: Observer, number: int) -> float:
    time.sleep(PAUSE_S)
    command = f"benchmark-{number}"
    asked = {"id": command, "max_current_a": 8 if number % 2 else 12}
    published = observer.publish(f"{DEVICE}/set", asked)

    def applied(seen: Seen) -> bool:
        if not seen.leaf.endswith("/result"):
            return False
        result = seen.document
        return bool(result["id"] == command and result["state"] == "applied")

    return observer.wait(applied, after=published).at - published


def _measured(seen: Seen) -> bool:
    document = seen.document
    return document["source"] == "evcem" and document["power_w"] is not None


def _can_be_limited(seen: Seen) -> bool:
    return seen.leaf.endswith("/limits") and seen.document["obligation"] is not None


def _milliseconds(taken: list[float]) -> float:
    return round(statistics.median(taken) * 1000, 2)
