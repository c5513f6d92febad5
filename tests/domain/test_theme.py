"""A municipality may choose any colour; what is written with it can always be read."""

import re

import pytest

from poa_tickets.domain.theme import (
    DEFAULT_ACCENT,
    SUNKEN_DARK,
    SUNKEN_LIGHT,
    WHITE,
    contrast,
    mail_css,
    parse_colour,
    theme_css,
)

COLOURS = {
    "yellow": "#ffd500",
    "wine": "#7a1530",
    "red": "#e3000f",
    "green": "#00a651",
    "blue": "#0057b8",
    "white": "#ffffff",
    "black": "#000000",
}


def tokens(css):
    """Two dicts, light and dark, of colours by token."""
    light, dark = css.split("@media")
    return [
        {
            name: parse_colour("#" + value[1:] * 2 if len(value) == 4 else value)
            for name, value in re.findall(r"--([\w-]+):(#[0-9a-f]+)", part)
        }
        for part in (light, dark)
    ]


@pytest.mark.parametrize("accent", [*COLOURS.values(), DEFAULT_ACCENT], ids=[*COLOURS, "default"])
def test_links_and_buttons_can_be_read_in_light_and_in_dark(accent):
    light, dark = tokens(theme_css(accent))

    for one in (light, dark):
        assert contrast(one["accent"], one["accent-soft"]) >= 4.5
        assert contrast(one["accent"], one["on-accent"]) >= 4.5
        assert contrast(one["accent-strong"], one["on-accent"]) >= 4.5
    assert contrast(light["accent"], SUNKEN_LIGHT) >= 4.5
    assert contrast(dark["accent"], SUNKEN_DARK) >= 5.5


def test_a_colour_that_already_reads_well_stays_as_it_was_chosen():
    light, _ = tokens(theme_css(COLOURS["wine"]))

    assert light["accent"] == parse_colour(COLOURS["wine"])


def test_both_modes_hold_the_four_tokens_and_nothing_else():
    for mode in tokens(theme_css(COLOURS["red"])):
        assert set(mode) == {"accent", "accent-strong", "accent-soft", "on-accent"}


@pytest.mark.parametrize("text", ["", "red", "#fff", "#12345g", "#123456;}body{display:none", "#0b5f62\n"])
def test_anything_but_a_colour_is_refused(text):
    with pytest.raises(ValueError, match="not a colour"):
        theme_css(text)


def test_contrast_is_measured_as_the_guidelines_do():
    assert round(contrast(WHITE, (0, 0, 0)), 1) == 21.0
    assert round(contrast(parse_colour("#777777"), WHITE), 2) == 4.48


def test_a_mail_carries_the_same_colours_and_the_default_needs_none():
    light, dark = tokens(theme_css(COLOURS["blue"]))

    css = mail_css(COLOURS["blue"])

    for one in (light["accent"], dark["accent"]):
        assert "#" + "".join(f"{part:02x}" for part in one) in css
    assert mail_css(DEFAULT_ACCENT) == ""
