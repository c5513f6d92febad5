"""Papers: a Typst template filled with data. What people wrote goes in as JSON, so none of it can be markup."""

import io
import json
from pathlib import Path
from typing import Any

import segno
import typst

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "documents"
LOGO_TYPES = {
    "image/png": "logo.png",
    "image/jpeg": "logo.jpg",
    "image/svg+xml": "logo.svg",
    "image/webp": "logo.webp",
}


def render(template: str, data: dict[str, Any], *, logo: bytes | None = None, logo_type: str = "") -> bytes:
    """A PDF that screen readers can read. Only Typst's own fonts: the same paper on every machine."""
    name = LOGO_TYPES.get(logo_type, "") if logo else ""
    files = {"main": (FOLDER / f"{template}.typ").read_bytes()}
    if name and logo:
        files[name] = logo
    made: bytes = typst.compile(  # type: ignore[call-overload]
        files,
        sys_inputs={"data": json.dumps(data | {"logo": name}, ensure_ascii=False)},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    return made


def qr(address: str) -> str:
    """A QR code of an address, as SVG."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", xmldecl=False, border=2)
    return out.getvalue().decode()
