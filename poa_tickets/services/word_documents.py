"""Letters that people go on writing in Word. What they say comes in as plain data: none of it is markup or a formula."""

import io
from typing import Any


def letter(data: dict[str, Any], *, logo: bytes | None = None) -> bytes:
    """A .docx of one or more letters, each on a page of its own; ``templates/documents/letter.typ`` draws the same."""
    import docx  # with its XML library as large as a tenth of the program, and many processes never print
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
    from docx.shared import Cm, Pt

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.59), Cm(27.94)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(11)
    normal.paragraph_format.space_after = Pt(8)
    document.core_properties.title = data["title"]
    document.core_properties.author = data["letterhead"][-1]

    def line(text: str, *, bold: bool = False, align: Any = None, style: str | None = None) -> Any:
        made = document.add_paragraph(style=style)
        made.add_run(text).bold = bold
        made.alignment = align
        return made

    for number, one in enumerate(data["letters"]):
        if number:
            document.add_page_break()
        if logo:
            document.add_picture(io.BytesIO(logo), height=Cm(1.6))
        for at, text in enumerate(data["letterhead"]):
            line(text, bold=at == 0).paragraph_format.space_after = Pt(0)
        for text in one["reference"]:
            line(text, align=ALIGN.RIGHT).paragraph_format.space_after = Pt(0)
        line("")
        for text in one["recipient"]:
            line(text, bold=True).paragraph_format.space_after = Pt(0)
        line("")
        for text in one["before"]:
            line(text, align=ALIGN.JUSTIFY)
        for text in one["list"]:
            line(text, style="List Bullet").paragraph_format.space_after = Pt(2)
        for text in one["after"]:
            line(text, align=ALIGN.JUSTIFY)
        line(one["closing"], align=ALIGN.CENTER).paragraph_format.space_after = Pt(48)
        line("_" * 36, align=ALIGN.CENTER).paragraph_format.space_after = Pt(0)
        for text in one["signature"]:
            line(
                text, bold=text == one["signature"][0], align=ALIGN.CENTER
            ).paragraph_format.space_after = Pt(0)
        line("")
        line(one["copy"]).runs[0].font.size = Pt(9)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
