"""The municipality's shield: decoded and written anew, so that only a picture is ever served."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.vocabulary import N_

MOST_BYTES = 4 * 1024 * 1024
MOST_PIXELS = 25_000_000
SIDE = 256
TYPE = "image/png"


def read(data: bytes, field: str = "logo") -> bytes:
    """The picture as a small PNG without metadata. Raises Invalid beside ``field``; slow, keep it out of transactions."""
    if len(data) > MOST_BYTES:
        raise Invalid(field, N_("El escudo pesa más de 4 MB. Elija una imagen menor."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Invalid(field, N_("El escudo mide demasiado. Elija una imagen menor."))
                upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Warning,
    ) as error:
        raise Invalid(field, N_("No pudimos leer el escudo. Use una imagen PNG o JPEG.")) from error
    upright.thumbnail((SIDE, SIDE))
    made = io.BytesIO()
    upright.save(made, "PNG", optimize=True)
    return made.getvalue()
