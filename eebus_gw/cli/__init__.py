"""The command line. A command is one line in ``COMMANDS``; its module is imported when it is called.

Exit codes: 0 ok · 1 failed · 2 usage or configuration · 3 not reachable · 4 not trusted · 5 timed out ·
6 not supported by the peer. 130 after an interrupt.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from eebus_gw.cli.context import CommandContext, pass_context
from eebus_gw.cli.lazy import LazyGroup
from eebus_gw.cli.nearest import NearestChoice
from eebus_gw.errors import EebusError, StoreError

COMMANDS = {
    # command: (module of this package, attribute in it, short help)
    "init": (
        "identity",
        "init",
        "Create both identities and a commented config.toml in the home directory.",
    ),
    "identity": ("identity", "identity", "Show or renew this gateway's own identity."),
    "discover": ("discover", "discover", "List the SHIP nodes on the network."),
    "pair": ("pair", "pair", "Trust a peer, connect to it, and say what can work with it."),
    "pairing": ("pairing", "pairing", "Let unknown peers ask for trust, and decide on each."),
    "unpair": (
        "unpair",
        "unpair",
        "Revoke the trust in a device, close its link, and clear its topics.",
    ),
    "peers": ("peers", "peers", "List trusted and pending peers."),
    "run": ("run", "run", "Run the gateway until it is stopped."),
    "inspect": (
        "inspection",
        "inspect",
        "Show entities, features, functions and use cases of a device with their values, and the verdict.",
    ),
    "monitor": (
        "monitor",
        "monitor",
        "Watch live values: power, currents, limits, state of charge.",
    ),
    "set": (
        "set_field",
        "set_",
        "Send one command to a device and follow it to its final state.",
    ),
    "simulate": ("simulate", "simulate", "Run a simulated wallbox, control box or house."),
    "grid": ("grid", "grid", "Show the control-box side; list and export its journal."),
    "sessions": ("sessions", "sessions", "List and export charging sessions and energies."),
    "demo": (
        "demo",
        "demo",
        "Show it all without hardware: a simulated wallbox, the gateway, MQTT, and a limit that is obeyed.",
    ),
    "config": ("config", "config", "Check, show and explain the configuration."),
    "store": ("store", "store", "Back up, restore and verify the home directory."),
    "doctor": (
        "doctor",
        "doctor",
        "Check clock, disk, identity, network, broker and every paired device, with a remedy for each finding.",
    ),
    "trace": ("trace", "trace", "Show, explain and export wire traces."),
    "completion": (
        "completion",
        "completion",
        "Print the completion script of SHELL: bash, zsh or fish.",
    ),
}
INTERRUPTED = 130


@click.group(
    cls=LazyGroup,
    commands_table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nStart with: eebus-gw init, discover, pair PEER, run\nNo hardware: eebus-gw demo",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Home directory with identity, trust and state.  [env: EEBUS_GW_HOME]",
)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="EEBUS_GW_CONFIG",
    help="Configuration file; default: config.toml in the home directory.",
)
@click.option(
    "--log-level",
    type=NearestChoice(["debug", "info", "warning", "error"]),
    envvar="EEBUS_GW_LOG_LEVEL",
    help="Lowest level that is logged to standard error.",
)
@click.version_option(package_name="eebus-gw", message="%(version)s")
@pass_context
def cli(
    context: CommandContext, home: Path | None, config: Path | None, log_level: str | None
) -> None:
    """EEBUS gateway: finds wallboxes, pairs with them, and bridges them to MQTT."""
    context.home_option, context.config_option, context.log_level = home, config, log_level


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; errors are printed, never raised."""
    shared = CommandContext()
    try:
        code = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name="eebus-gw",
            standalone_mode=False,
            obj=shared,
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except EebusError as error:
        shared.output.error(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away; flushing at exit must not fail a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit:
        # So click ends, having seen to the flushing, when it meets the broken pipe itself.
        return 0
    except OSError as error:
        denied = _denied(error)
        with suppress(OSError):  # what was denied may be standard output itself
            shared.output.error(denied)
        return denied.exit_code
    return code if isinstance(code, int) else 0


def _denied(error: OSError) -> EebusError:
    """What the operating system did not let a command do, as an error of ours."""
    reason = error.strerror or str(error)
    text = f"{error.filename}: {reason}" if error.filename else reason
    if isinstance(error, PermissionError):
        return StoreError(
            text, hint="run it as the user of the gateway, who owns the home directory"
        )
    return StoreError(text)
