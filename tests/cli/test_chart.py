"""The power chart: rows, scale, limits, as characters."""

from __future__ import annotations

import pytest

from eebus_gw.cli.chart import Sample, power_chart


def plain(samples: list[Sample], **size: int) -> list[str]:
    lines = power_chart(samples, now=10.0, span_s=10.0, **size)
    return [line.plain for line in lines]


def steady(watts: float | None, limit_w: float | None = None) -> list[Sample]:
    return [Sample(float(second), watts, limit_w) for second in range(11)]


def test_half_the_scale_fills_half_the_rows() -> None:
    assert plain(steady(1000), width=17, height=5) == [
        "  1 kW┤██████████",
        "      │██████████",
        "      │██████████",
        "  0 kW┤██████████",
        "       -10 s  now",
    ]


def test_a_limit_is_a_line_where_it_lies() -> None:
    chart = plain(steady(500, limit_w=1000), width=17, height=5)
    assert chart[0] == "  1 kW┤──────────"
    assert chart[1:4] == ["      │          ", "      │██████████", "  0 kW┤██████████"]


def test_discharging_hangs_below_zero() -> None:
    samples = [Sample(s, 2000 if s < 5 else -2000) for s in range(11)]
    chart = plain(samples, width=17, height=5)
    assert chart[0] == "  2 kW┤████      "
    assert chart[2] == "  0 kW┤    ██████"
    assert chart[3] == " -2 kW┤    ██████"


def test_eighths_of_a_row() -> None:
    assert plain(steady(125), width=8, height=3)[1] == "  0 kW┤▂"


def test_before_the_first_sample_there_is_nothing() -> None:
    chart = plain([Sample(9.5, 1000)], width=17, height=3)
    assert chart[0] == "  1 kW┤         █"


def test_a_gap_keeps_the_last_value() -> None:
    chart = plain([Sample(0.5, 1000), Sample(9.9, 1000)], width=17, height=3)
    assert chart[0] == "  1 kW┤██████████"


@pytest.mark.parametrize(
    ("highest", "label"),
    [(800, "1 kW"), (1000, "1 kW"), (11_040, "12 kW"), (22_080, "25 kW"), (3_700, "4 kW")],
)
def test_the_scale_ends_at_a_round_number(highest: float, label: str) -> None:
    assert plain(steady(highest), width=17, height=6)[0].split("┤")[0].strip() == label


@pytest.mark.parametrize("size", [(8, 2), (40, 5), (120, 30)])
def test_every_line_has_the_width(size: tuple[int, int]) -> None:
    width, height = size
    chart = plain(steady(5000, 7000), width=width, height=height)
    assert len(chart) == max(3, height)
    assert all(len(line) == width for line in chart[:-1])


def test_unknown_power_is_drawn_as_nothing() -> None:
    assert plain(steady(None), width=17, height=3)[1] == "  0 kW┤          "


@pytest.mark.parametrize(
    "powers_w", [(11_000, 0), (12_100, -4_700), (2_400, -12_100), (240_000, -99_000)]
)
def test_figures_of_any_length_leave_the_lines_as_wide_as_asked(
    powers_w: tuple[float, float],
) -> None:
    """A line too long broke, and pushed the times out of the picture."""
    chart = plain([Sample(1.0, powers_w[0]), Sample(6.0, powers_w[1])], width=40, height=9)
    assert {len(line) for line in chart} == {40}
    assert len({line.find("┤") for line in chart} - {-1}) == 1


def test_longer_times_are_minutes() -> None:
    lines = power_chart(steady(1000), now=10.0, span_s=300.0, width=40, height=3)
    assert lines[-1].plain.split() == ["-5", "min", "now"]
