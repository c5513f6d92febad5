"""One colour of the municipality, made into the four tokens a page needs, readable in light and in dark."""

import re

Colour = tuple[float, float, float]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
SUNKEN_LIGHT: Colour = (0xF3, 0xEF, 0xE7)
SUNKEN_DARK: Colour = (0x2B, 0x27, 0x23)
SURFACE_DARK: Colour = (0x21, 0x1E, 0x1B)
NEAR_BLACK: Colour = (0x14, 0x12, 0x10)

DEFAULT_ACCENT = "#0b5f62"
# Tuned by eye; any other colour is computed.
DEFAULT_CSS = (
    ":root{--accent:#0b5f62;--accent-strong:#084a4d;--accent-soft:#e0efed;--on-accent:#fff}\n"
    "@media (prefers-color-scheme:dark)"
    "{:root{--accent:#66c6c3;--accent-strong:#8ad8d4;--accent-soft:#14393a;--on-accent:#04201f}}\n"
)


def theme_css(accent: str) -> str:
    """The style sheet of one municipality. Raises ValueError when ``accent`` is not ``#rrggbb``."""
    colour = parse_colour(accent)
    if accent.lower() == DEFAULT_ACCENT:
        return DEFAULT_CSS
    return (
        f":root{{{_tokens(*_light(colour))}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_tokens(*_dark(colour))}}}}}\n"
    )


def mail_css(accent: str) -> str:
    """The same colour for a mail, where custom properties are not understood.

    Empty for the default accent: ``templates/email/mail.css`` is written in it.
    """
    if accent.lower() == DEFAULT_ACCENT:
        return ""
    light, _strong, _soft, on_light = _light(parse_colour(accent))
    dark, _strong, _soft, on_dark = _dark(parse_colour(accent))
    return (
        f"a{{color:{_hex(light)}}}.button{{background:{_hex(light)};color:{_hex(on_light)}}}\n"
        "@media (prefers-color-scheme:dark){"
        f"a{{color:{_hex(dark)}!important}}"
        f".button{{background:{_hex(dark)}!important;color:{_hex(on_dark)}!important}}}}\n"
    )


def parse_colour(text: str) -> Colour:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(f"not a colour as #rrggbb: {text!r}")
    red, green, blue = (int(text[at : at + 2], 16) for at in (1, 3, 5))
    return (red, green, blue)


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2 contrast ratio, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _light(colour: Colour) -> tuple[Colour, Colour, Colour, Colour]:
    accent, soft = colour, _mix(WHITE, colour, 0.12)
    for step in range(101):
        accent = _whole(_mix(colour, BLACK, step / 100))
        soft = _whole(_mix(WHITE, accent, 0.12))
        if contrast(accent, SUNKEN_LIGHT) >= 4.5 and contrast(accent, soft) >= 4.5:
            break
    return accent, _mix(accent, BLACK, 0.22), soft, WHITE


def _dark(colour: Colour) -> tuple[Colour, Colour, Colour, Colour]:
    accent, soft = colour, _mix(SURFACE_DARK, colour, 0.2)
    for step in range(101):
        accent = _whole(_mix(colour, WHITE, step / 100))
        soft = _whole(_mix(SURFACE_DARK, accent, 0.2))
        if contrast(accent, SUNKEN_DARK) >= 5.5 and contrast(accent, soft) >= 4.5:
            break
    return accent, _mix(accent, WHITE, 0.22), soft, NEAR_BLACK


def _tokens(accent: Colour, strong: Colour, soft: Colour, on_accent: Colour) -> str:
    return (
        f"--accent:{_hex(accent)};--accent-strong:{_hex(strong)};"
        f"--accent-soft:{_hex(soft)};--on-accent:{_hex(on_accent)}"
    )


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(base: Colour, over: Colour, share: float) -> Colour:
    red, green, blue = (a + (b - a) * share for a, b in zip(base, over, strict=True))
    return (red, green, blue)


def _whole(colour: Colour) -> Colour:
    """Rounded as it will be written, so that the contrast measured is the contrast shown."""
    red, green, blue = (round(part) for part in colour)
    return (red, green, blue)


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in colour)
