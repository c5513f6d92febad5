"""Photographs of a town that does not exist: drawn, each a little different, small enough for a sample."""

import io
import random

from PIL import Image, ImageDraw, ImageFilter

SIZE = (960, 640)
SKIES = ((126, 178, 214), (232, 190, 140), (176, 196, 208), (108, 150, 196), (240, 214, 176))
WALLS = ((196, 92, 62), (226, 178, 92), (112, 148, 122), (220, 208, 188), (168, 108, 128), (92, 122, 160))
SHIRTS = ((178, 48, 52), (36, 84, 140), (240, 236, 226), (52, 110, 74), (226, 160, 44), (94, 66, 120))
SKIN = ((92, 62, 46), (142, 98, 70), (188, 138, 104))


def photograph(seed: int) -> bytes:
    """A JPEG of a street or a field with people in it."""
    dice = random.Random(seed)
    picture = Image.new("RGB", SIZE, dice.choice(SKIES))
    pen = ImageDraw.Draw(picture)
    horizon = dice.randint(230, 340)
    draw_hills(pen, dice, horizon)
    pen.rectangle((0, horizon, *SIZE), fill=dice.choice(((172, 158, 136), (120, 142, 90), (150, 146, 142))))
    if dice.random() < 0.7:
        draw_street(pen, dice, horizon)
    for _ in range(dice.randint(6, 26)):
        draw_person(pen, dice, horizon)
    picture = picture.filter(ImageFilter.GaussianBlur(0.8))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=72)
    return out.getvalue()


def draw_hills(pen: ImageDraw.ImageDraw, dice: random.Random, horizon: int) -> None:
    """What stands behind every town of the region."""
    for _ in range(3):
        middle, width, height = dice.randint(0, SIZE[0]), dice.randint(300, 700), dice.randint(60, 170)
        shade = dice.randint(70, 120)
        pen.polygon(
            ((middle - width, horizon), (middle, horizon - height), (middle + width, horizon)),
            fill=(shade - 20, shade, shade + 12),
        )


def draw_street(pen: ImageDraw.ImageDraw, dice: random.Random, horizon: int) -> None:
    """A row of houses."""
    x = -dice.randint(0, 80)
    while x < SIZE[0]:
        width, height = dice.randint(90, 190), dice.randint(90, 180)
        pen.rectangle((x, horizon - height, x + width, horizon + 12), fill=dice.choice(WALLS))
        for window in range(x + 18, x + width - 34, 48):
            pen.rectangle(
                (window, horizon - height + 26, window + 24, horizon - height + 66), fill=(58, 54, 52)
            )
        x += width + dice.choice((0, 0, 26))


def draw_person(pen: ImageDraw.ImageDraw, dice: random.Random, horizon: int) -> None:
    """Somebody, larger the nearer they stand."""
    y = dice.randint(horizon + 40, SIZE[1] + 30)
    scale = (y - horizon) / (SIZE[1] - horizon)
    x, tall, wide = dice.randint(0, SIZE[0]), 60 + 130 * scale, 16 + 34 * scale
    pen.rounded_rectangle((x - wide, y - tall, x + wide, y), radius=wide / 2, fill=dice.choice(SHIRTS))
    head = wide * 0.72
    pen.ellipse((x - head, y - tall - 2 * head, x + head, y - tall), fill=dice.choice(SKIN))
