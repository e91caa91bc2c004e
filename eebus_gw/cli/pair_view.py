"""How ``pair`` shows its progress: a live block on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

from eebus_gw.cli.following import phase_text, turn_text
from eebus_gw.cli.output import Output
from eebus_gw.clock import Clock, SystemClock
from eebus_gw.ship.ski import group_ski

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from eebus_gw.identity import Identity

Json = dict[str, Any]

CALM_S = 0.7
"""What lasts shorter is not worth a line."""
ROOM_FOR_QR = 40
"""Terminal lines from which on QR code (29 of them) and block stay in sight together."""
_OWN = "enter or confirm this one at the device"
_PEER = "compare with the device's label or display"


class PlainPairing:
    """Prints a line when phase or turn change and stay so for a moment."""

    def __init__(self, output: Output, own: Identity, ski: str) -> None:
        self._output = output
        self._said: tuple[str, str | None] | None = None
        self._pending: asyncio.TimerHandle | None = None
        output.line(f"this gateway  {group_ski(own.ski)}  ({_OWN})")
        output.line(f"the device    {group_ski(ski)}  ({_PEER})")

    def seen(self, state: Json) -> None:
        """Takes a state of the peer."""
        self.close()
        words = phase_text(state), turn_text(state)
        if words != self._said:
            loop = asyncio.get_running_loop()
            self._pending = loop.call_later(CALM_S, self._say, *words)

    def close(self) -> None:
        """Nothing more is printed."""
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None

    def _say(self, phase: str, turn: str | None) -> None:
        self._said = phase, turn
        self._output.line(f"{phase}; {turn}" if turn else phase)


class PairView:
    """A context manager; the block on the screen counts down by itself.

    ``program`` is how to call the program again for the same home directory.
    """

    def __init__(
        self,
        own: Identity,
        ski: str,
        wait_s: float,
        console: Console | None = None,
        clock: Clock | None = None,
        program: str = "eebus-gw",
    ) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.spinner import Spinner

        self._own = own
        self._ski = ski
        self._program = program
        self._clock = clock or SystemClock()
        self._until = self._clock.now() + wait_s
        self._state: Json = {}
        self._peer_until: float | None = None
        self._spinner = Spinner("dots")
        self._console = console or Console()
        self._live = Live(
            console=self._console,
            get_renderable=self.render,
            refresh_per_second=5,
            transient=True,
        )

    def __enter__(self) -> Self:
        if self._console.height >= ROOM_FOR_QR:
            from eebus_gw.cli.qr import qr_lines

            for line in qr_lines(self._own.qr_text, terminal=True):
                print(line)
        self._live.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._live.__exit__(*error)

    def seen(self, state: Json) -> None:
        """Takes a state of the peer."""
        self._state = state
        waiting_s = state.get("waiting_s")
        self._peer_until = None if waiting_s is None else self._clock.now() + waiting_s

    def render(self) -> RenderableType:
        """The block as it is now."""
        from rich.console import Group
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        skis = Table.grid(padding=(0, 2))
        skis.add_row("this gateway", f"[bold]{group_ski(self._own.ski)}[/]")
        skis.add_row("", f"[dim]{_OWN}[/]")
        skis.add_row("the device", f"[bold]{group_ski(self._ski)}[/]")
        skis.add_row("", f"[dim]{_PEER}[/]")
        self._spinner.update(text=Text(phase_text(self._state)))
        lines: list[RenderableType] = [skis, "", self._spinner]
        turn = turn_text(self._state)
        if turn is not None:
            lines.append(Text(turn[:1].upper() + turn[1:], style="bold yellow"))
        elif self._state.get("error"):
            lines.append(Text(str(self._state["error"]), style="dim"))
        lines.append(Text(self._times(), style="dim"))
        if self._console.height < ROOM_FOR_QR:
            hint = f"QR code of this gateway: {self._program} identity qr"
            lines.append(Text(hint, style="dim"))
        return Padding(Group(*lines), (1, 0))

    def _times(self) -> str:
        now = self._clock.now()
        parts = []
        if self._peer_until is not None and self._peer_until > now:
            parts.append(f"the device waits for {clock_text(self._peer_until - now)} more")
        parts.append(f"giving up in {clock_text(self._until - now)}")
        return ", ".join(parts)


def clock_text(seconds: float) -> str:
    """``1:05`` or ``45 s``."""
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02}"
