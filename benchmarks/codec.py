"""Wire text to typed objects and back, for a frequent message and for a large one."""

from __future__ import annotations

import statistics
import time
import timeit
from collections.abc import Callable
from functools import cache, partial
from operator import attrgetter
from pathlib import Path

from benchmarks import Figure
from benchmarks._discovery import synthetic_discovery
from eebus_gw.spine.datagram import Datagram, decode_datagram, encode_datagram
from eebus_gw.wire.codec import dumps, loads
from eebus_gw.wire.fold import Structure, fields_of, members_of

FIGURES = (
    "codec.measurement.decode_us",
    "codec.measurement.encode_us",
    "codec.discovery.frame",
    "codec.discovery.decode_us",
    "codec.discovery.encode_us",
)
ROUNDS = 40
ROUND_S = 0.02

ROOT = Path(__file__).parents[1]
MEASUREMENT = ROOT / "tests" / "fixtures" / "wire" / "bench-measurement.json"
DISCOVERY = ROOT.parent / "shared" / "wire" / "bench-discovery.json"


def measure(wanted: frozenset[str]) -> dict[str, Figure]:
    """Microseconds a message, and which frame stood for the discovery."""
    figures: dict[str, Figure] = {}
    for message in ("measurement", "discovery"):
        if not any(name.startswith(f"codec.{message}.") for name in wanted):
            continue
        name, text = _measurement() if message == "measurement" else _discovery()
        datagram = decode_datagram(_payload(text))
        if encode(datagram) != text:
            raise RuntimeError(f"{name} is not written as it was read")
        figures |= {
            f"codec.{message}.frame": f"{name}, {len(text)} bytes",
            f"codec.{message}.decode_us": microseconds(partial(decode, text)),
            f"codec.{message}.encode_us": microseconds(partial(encode, datagram)),
        }
    return {name: figure for name, figure in figures.items() if name in wanted}


def decode(text: bytes) -> None:
    """Wire text to typed objects, every field of every structure read once."""
    for command in decode_datagram(_payload(text)).commands:
        if command.data is not None:
            read_fields(command.data)


def encode(datagram: Datagram) -> bytes:
    """A datagram as wire text, SHIP wrapper included."""
    payload = encode_datagram(datagram)
    return dumps({"data": [{"header": [{"protocolId": "ee1.0"}]}, {"payload": payload}]})


def microseconds(call: Callable[[], object]) -> float:
    """Processor time; median over rounds of ``ROUND_S`` each, after some to warm up."""
    timer = timeit.Timer(call, timer=time.process_time)
    number = 1
    while timer.timeit(number) < ROUND_S:
        number *= 2
    rounds = [taken / number for taken in timer.repeat(ROUNDS, number)]
    return round(statistics.median(rounds) * 1e6, 2)


def read_fields(structure: Structure) -> None:
    """Reads every field once, nested structures included."""
    _reader(type(structure))(structure)


@cache
def _reader(cls: type[Structure]) -> Callable[[Structure], object]:
    fields = fields_of(cls)
    if not fields:
        return type
    read = attrgetter(*(field.attribute for field in fields))
    nested = [
        (index, field.repeated, _reader(field.structure))
        for index, field in enumerate(fields)
        if field.structure is not None
    ]
    if not nested:
        return read

    def read_nested(structure: Structure) -> None:
        values = read(structure) if len(fields) > 1 else (read(structure),)
        for index, repeated, read_part in nested:
            value = values[index]
            if value is not None:
                for part in value if repeated else (value,):
                    read_part(part)

    return read_nested


def _payload(text: bytes) -> object:
    return members_of(members_of(loads(text))["data"])["payload"]


def _measurement() -> tuple[str, bytes]:
    return MEASUREMENT.name, MEASUREMENT.read_bytes().strip()


def _discovery() -> tuple[str, bytes]:
    if DISCOVERY.is_file():
        return DISCOVERY.name, DISCOVERY.read_bytes().strip()
    return "synthetic device", encode(synthetic_discovery())
