"""Where the files of a request open: for whoever signed in, or under a signed link that shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for

from poa_tickets.store.media import MediaFile


@dataclass(frozen=True)
class FileLinks:
    """``token``: the link that shows the request; without one, whoever opens a file must have signed in."""

    token: str = ""

    def whole(self, file: MediaFile) -> str:
        """Where the file itself is."""
        if self.token:
            return url_for("links.file", token=self.token, key=file.key)
        return url_for("media.download", key=file.key)

    def small(self, file: MediaFile) -> str:
        """Where the small picture of an image is; nothing for what is none."""
        if not is_picture(file):
            return ""
        if self.token:
            return url_for("links.small", token=self.token, key=file.key)
        return url_for("media.inline", key=file.key)

    def of(self, file: MediaFile) -> dict[str, Any]:
        """A file as pages list it."""
        return {
            "name": file.name,
            "url": self.whole(file),
            "small": self.small(file),
            "size": file.size,
            "at": file.uploaded_at,
            "picked": file.picked,
            "internal": file.internal,
        }


class Listed:
    """A request's files as a page lists them: pictures, papers, and each with the entry that it came with."""

    def __init__(self, files: Iterable[MediaFile], links: FileLinks) -> None:
        self.photos: list[dict[str, Any]] = []
        self.papers: list[dict[str, Any]] = []
        self.by_entry: dict[int | None, list[dict[str, Any]]] = {}
        for file in files:
            listed = links.of(file)
            (self.photos if is_picture(file) else self.papers).append(listed)
            self.by_entry.setdefault(file.entry_id, []).append(listed)


def is_picture(file: MediaFile) -> bool:
    """Whether it is shown as a picture."""
    return file.content_type.startswith("image/")
