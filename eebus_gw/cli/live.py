"""Reaching a gateway: the one that runs on the home directory, else one for the time of a command."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eebus_gw.control import ControlClient, NotRunning

if TYPE_CHECKING:
    from eebus_gw.cli.context import CommandContext
    from eebus_gw.gateway.gateway import Gateway
    from eebus_gw.settings import Settings

Json = dict[str, Any]

BUSY_S = 3.0
"""How long a gateway may hold the home directory without answering: it is starting, or ending."""
RETRY_S = 0.1


class Live(Protocol):
    """A gateway that can be asked; the verbs are those of ``gateway.verbs``."""

    @property
    def running(self) -> bool:
        """Whether it was there before the command and stays after it."""
        ...

    async def ask(self, verb: str, **arguments: Any) -> Json:
        """One request; raises ``EebusError`` with the reason when it does not succeed."""
        ...

    def stream(self, verb: str, **arguments: Any) -> AsyncGenerator[Json, None]:
        """A request whose answer goes on; close the generator to end it."""
        ...


class RunningGateway:
    """The gateway behind the control socket at ``path``; each request has a connection of its own."""

    running = True

    def __init__(self, path: Path) -> None:
        self._path = path

    async def ask(self, verb: str, **arguments: Any) -> Json:
        """See ``Live``."""
        async with await ControlClient.connect(self._path) as client:
            return await client.ask(verb, **arguments)

    async def stream(self, verb: str, **arguments: Any) -> AsyncGenerator[Json, None]:
        """See ``Live``."""
        async with (
            await ControlClient.connect(self._path) as client,
            aclosing(client.stream(verb, **arguments)) as events,
        ):
            async for event in events:
                yield event


class OwnGateway:
    """A gateway of this process, without MQTT."""

    running = False

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def ask(self, verb: str, **arguments: Any) -> Json:
        """See ``Live``."""
        return await self._gateway.verbs.dispatch(verb, arguments)

    async def stream(self, verb: str, **arguments: Any) -> AsyncGenerator[Json, None]:
        """See ``Live``."""
        async with aclosing(self._gateway.verbs.stream(verb, arguments)) as events:
            async for event in events:
                yield event


@asynccontextmanager
async def live_gateway(context: CommandContext) -> AsyncIterator[Live]:
    """A gateway for the time of the ``async with`` block; two processes never use one identity at once."""
    async with AsyncExitStack() as stack:
        yield await _reach(context, stack)


async def running_gateway(context: CommandContext) -> RunningGateway:
    """The gateway that runs on the home directory; raises ``NotRunning``."""
    path = context.home.control_path
    async with await ControlClient.connect(path):
        return RunningGateway(path)


async def gateway_if_running(context: CommandContext) -> RunningGateway | None:
    """The gateway that runs on the home directory, ``None`` where none does."""
    try:
        return await running_gateway(context)
    except NotRunning:
        return None


async def _reach(context: CommandContext, stack: AsyncExitStack) -> Live:
    from eebus_gw.home import HomeInUse

    loop = asyncio.get_running_loop()
    deadline = loop.time() + BUSY_S
    while True:
        if (gateway := await gateway_if_running(context)) is not None:
            return gateway
        try:
            stack.enter_context(context.home.locked())
        except HomeInUse:
            if loop.time() > deadline:
                raise
            await asyncio.sleep(RETRY_S)
        else:
            return await _bring_up(context, stack)


async def _bring_up(context: CommandContext, stack: AsyncExitStack) -> Live:
    from eebus_gw.gateway.gateway import Gateway

    settings = with_free_ports(context.load_config().settings)
    gateway = await stack.enter_async_context(Gateway(context.home, settings))
    context.report_damage()
    return OwnGateway(gateway)


def with_free_ports(settings: Settings) -> Settings:
    """The settings with port 0, any free one, where another program has the configured port."""
    ship = settings.ship
    taken = {name: 0 for name in ("port", "grid_port") if is_taken(getattr(ship, name))}
    return (
        settings.model_copy(update={"ship": ship.model_copy(update=taken)}) if taken else settings
    )


def is_taken(port: int) -> bool:
    """Whether another program listens on the TCP port."""
    from eebus_gw.net.listener import listening_socket

    try:
        listening_socket(None, port).close()
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False
