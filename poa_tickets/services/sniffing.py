"""What a file really is: told by its content, never by its name."""

import re
import zipfile
import zlib
from functools import cache
from pathlib import Path

import filetype
from PIL import Image, ImageOps

from poa_tickets.domain.errors import Refusal
from poa_tickets.domain.vocabulary import N_

# A JPEG is decoded at an eighth of its size, so that a phone's 108 megapixels fit in memory.
JPEG_PIXELS = 220_000_000
OTHER_PIXELS = 60_000_000
Image.MAX_IMAGE_PIXELS = JPEG_PIXELS

IMAGES = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/heic": "HEIF",
}
OFFICE_FOLDERS = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
OPEN_DOCUMENT = "application/vnd.oasis.opendocument.text"
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
    "image/webp": ("webp",),
    "image/gif": ("gif",),
    "image/heic": ("heic", "heif"),
    OFFICE_FOLDERS["word/"]: ("docx",),
    OFFICE_FOLDERS["xl/"]: ("xlsx",),
    OFFICE_FOLDERS["ppt/"]: ("pptx",),
    OPEN_DOCUMENT: ("odt",),
    "audio/mpeg": ("mp3",),
    "audio/x-wav": ("wav",),
    "audio/mp4": ("m4a",),
    "video/mp4": ("mp4", "m4v"),
    "video/quicktime": ("mov", "qt"),
    "application/gpx+xml": ("gpx",),
}
# The trace of a telephone's GPS: a text of its own kind, known by its first element.
TRACE = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?<gpx[\s>]")
ALIASES = {"image/heif": "image/heic", "video/x-m4v": "video/mp4", "audio/m4a": "audio/mp4"}
ACCEPTED = ",".join(f".{extension}" for group in EXTENSIONS.values() for extension in group)

NOT_ACCEPTED = N_(
    "«%(name)s» no es un tipo de archivo que se reciba: envíe PDF, imagen, Office, audio, video o un trazo de GPS."
)
BROKEN = N_("«%(name)s» está dañado o incompleto. Ábralo en su equipo y envíelo de nuevo.")
TOO_MANY_PIXELS = N_("«%(name)s» es una imagen demasiado grande. Redúzcala y envíela de nuevo.")
HAS_MACROS = N_("«%(name)s» contiene macros. Guárdelo sin macros y envíelo de nuevo.")


class Unwelcome(Exception):
    """The content is not accepted; ``refusal`` says why."""

    def __init__(self, sentence: str, name: str) -> None:
        self.refusal = Refusal(sentence, {"name": name})
        super().__init__(sentence)


def content_type(path: Path, name: str) -> str:
    """The type of what is in ``path``; raises Unwelcome. ``name`` only serves the sentence."""
    with path.open("rb") as file:
        head = file.read(8192)
    if head.startswith(b"PK\x03\x04"):
        return _office(path, name)
    if TRACE.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "application/gpx+xml"
    found = filetype.guess(head)
    mime = ALIASES.get(found.mime, found.mime) if found else ""
    if mime not in EXTENSIONS:
        raise Unwelcome(NOT_ACCEPTED, name)
    if mime in IMAGES:
        _decode(path, mime, name)
    return mime


@cache
def learn_heif() -> None:
    """Teach Pillow the photos of iPhones, once there is a picture to read: the codec is large."""
    import pillow_heif

    pillow_heif.register_heif_opener()


def thumbnail(path: Path, target: Path, side: int = 480) -> None:
    """A small upright JPEG of an image, without anything the camera wrote beside the picture."""
    learn_heif()
    with Image.open(path, formats=tuple(IMAGES.values())) as image:
        image.draft("RGB", (side * 2, side * 2))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((side, side))
        if upright.mode in ("RGBA", "LA", "P", "PA"):
            seen = upright.convert("RGBA")
            upright = Image.new("RGB", seen.size, "white")
            upright.paste(seen, mask=seen.getchannel("A"))
        clean = Image.new("RGB", upright.size)
        clean.paste(upright.convert("RGB"))
        clean.save(target, "JPEG", quality=80, optimize=True)


def _decode(path: Path, mime: str, name: str) -> None:
    if mime == "image/heic":
        learn_heif()
    limit = JPEG_PIXELS if mime == "image/jpeg" else OTHER_PIXELS
    try:
        with Image.open(path, formats=(IMAGES[mime],)) as image:
            if image.width * image.height > limit:
                raise Unwelcome(TOO_MANY_PIXELS, name)
            image.draft("RGB", (400, 400))
            image.load()
    except Image.DecompressionBombError:
        raise Unwelcome(TOO_MANY_PIXELS, name) from None
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError):
        raise Unwelcome(BROKEN, name) from None


def _office(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "mimetype" in names:
                with archive.open("mimetype") as member:
                    if member.read(100) == OPEN_DOCUMENT.encode():
                        return OPEN_DOCUMENT
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        raise Unwelcome(BROKEN, name) from None
    if any(entry.lower().endswith("vbaproject.bin") for entry in names):
        raise Unwelcome(HAS_MACROS, name)
    if "[Content_Types].xml" in names:
        for folder, mime in OFFICE_FOLDERS.items():
            if any(entry.startswith(folder) for entry in names):
                return mime
    raise Unwelcome(NOT_ACCEPTED, name)
