"""``demo``: broker, simulated wallbox with a car, the meter of a house, gateway and a live view, all on loopback."""

from __future__ import annotations

import asyncio
import logging
import signal
import tempfile
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eebus_gw.cli.context import CommandContext, pass_context, run_async
from eebus_gw.cli.parameters import NumberRange

if TYPE_CHECKING:
    from eebus_gw.cli.demo_plant import Plant


@click.command(epilog="Example: eebus-gw demo --seconds 60")
@click.option(
    "--seconds", type=NumberRange(1), metavar="S", help="End after so long; default: never."
)
@pass_context
def demo(context: CommandContext, seconds: float | None) -> int:
    """Show it all without hardware: a simulated wallbox, the gateway, MQTT, and a limit that is obeyed."""
    kept = KeptLog()
    logging.getLogger().addHandler(kept)
    try:
        with tempfile.TemporaryDirectory(prefix="eebus-gw-demo-") as directory:
            run_async(_demo(context, Path(directory), seconds))
    finally:
        logging.getLogger().removeHandler(kept)
        for line in kept.lines:
            context.output.warn(line)
    return 0


class KeptLog(logging.Handler):
    """Keeps warnings for the end, so that they do not tear the screen."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one record."""
        if len(self.lines) < 20:
            self.lines.append(f"{record.name}: {record.getMessage()}")


async def _demo(context: CommandContext, directory: Path, seconds: float | None) -> None:
    from eebus_gw.cli.demo_broker import embedded_broker
    from eebus_gw.cli.demo_plant import running_plant

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        port = stack.enter_context(embedded_broker(directory))
        plant = await stack.enter_async_context(running_plant(directory, port))
        with _screen(context, plant, port):
            telling = asyncio.create_task(plant.tell())
            try:
                async with asyncio.timeout(seconds):
                    await stop.wait()
            except TimeoutError:
                pass
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
    state = plant.state
    context.output.line(
        f"the demonstration is over: {state.messages} messages on {len(state.topics)} topics"
    )


def _screen(context: CommandContext, plant: Plant, port: int) -> AbstractContextManager[Any]:
    if context.output.terminal:
        from eebus_gw.cli.demo_view import DemoView

        return DemoView(plant.state, str(port))
    from eebus_gw.cli.demo_plain import PlainDemo

    plant.observer = PlainDemo(context.output, plant.state)
    return nullcontext()
