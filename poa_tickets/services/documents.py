"""Papers: a Typst template filled with data. What people wrote goes in as JSON, so none of it can be markup."""

import io
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "documents"


def render(template: str, data: dict[str, Any], *, logo: bytes | None = None) -> bytes:
    """A PDF that screen readers can read. Only Typst's own fonts: the same paper on every machine."""
    import typst  # as large as a tenth of the program, and many processes never print

    # The picture travels inside the data: among its in-memory files Typst takes only text.
    made: bytes = typst.compile(  # type: ignore[call-overload]
        {"main": (FOLDER / f"{template}.typ").read_bytes()},
        sys_inputs={"data": json.dumps(data | {"logo": list(logo or b"")}, ensure_ascii=False)},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    return made


def qr(address: str) -> str:
    """A QR code of an address, as SVG."""
    import segno

    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", xmldecl=False, border=2)
    return out.getvalue().decode()
