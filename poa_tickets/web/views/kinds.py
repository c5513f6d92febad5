"""Ajustes, Catálogo: what may be asked for, how long before, with which questions."""

import re
import unicodedata
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from poa_tickets.domain.kinds import BriefField, BriefType
from poa_tickets.domain.labels import label
from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import STAGES, Approver, Evidence, Stage
from poa_tickets.services import catalogue
from poa_tickets.services.catalogue import KindEdit
from poa_tickets.store.tickets import DeliverableKind
from poa_tickets.web.forms.settings import MOST_QUESTIONS, STAGE_NOTES, KindForm, NewKindForm
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.saving import saved
from poa_tickets.web.views.settings import tab_links

bp = Blueprint("kinds", __name__, url_prefix="/ajustes/catalogo")
SPARE = 3


def questions_of(form: KindForm) -> tuple[BriefField, ...]:
    """The questions that have a label; a new one gets a key of its own, an old one keeps it with its answers."""
    found: list[BriefField] = []
    keys: set[str] = set()
    for entry in form.questions.entries:
        values = entry.form
        text = (values.label.data or "").strip()
        if not text:
            continue
        key = (values.key.data or "").strip() or slug(text)
        while key in keys:
            key += "_"
        keys.add(key)
        choices = tuple(part.strip() for part in (values.choices.data or "").split(";") if part.strip())
        kind = BriefType(values.type.data)
        if kind is BriefType.CHOICE and not choices:
            kind = BriefType.LINE
        found.append(
            BriefField(key, text, kind, (values.hint.data or "").strip(), values.required.data, choices)
        )
    return tuple(found)


def slug(text: str) -> str:
    """A key from a label."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:36] or "field"


def as_fields(kind: DeliverableKind | None) -> list[dict[str, Any]]:
    """The questions as the form shows them, with some empty ones to fill."""
    known = [
        {**field, "choices": "; ".join(field.get("choices", ()))}
        for field in (kind.brief["fields"] if kind else ())
    ]
    return [*known, *({"type": "line"} for _ in range(min(SPARE, MOST_QUESTIONS - len(known))))]


def asked(form: KindForm) -> dict[str, Any]:
    """What both forms say."""
    return {
        "label": form.label.data,
        "description": form.description.data or "",
        "lead_days": form.lead_days.data,
        "enabled": form.enabled.data,
        "approver": Approver(form.approver.data),
        "fields": questions_of(form),
    }


def proofs_of(kind: DeliverableKind) -> list[str]:
    """What its stages demand as proof, in words."""
    return [
        f"{_(label(Stage(stage)))}: {_(label(Evidence(proof))).lower()}"
        for stage, proof in kind.evidence.items()
        if proof != Evidence.NONE
    ]


@bp.get("")
@requires(Permission.CONFIGURE_OFFICE)
def index() -> str:
    """The catalogue."""
    return render_template("pages/settings/kinds.html", tab_links=tab_links(), kinds=catalogue.kinds())


@bp.route("/<int:kind_id>", methods=["GET", "POST"])
@requires(Permission.CONFIGURE_OFFICE)
def edit(kind_id: int) -> str | Response | tuple[str, int]:
    """One kind."""
    kind = catalogue.find(kind_id)
    form = KindForm(obj=kind, data={"questions": as_fields(kind)})

    def save() -> None:
        catalogue.edit(
            kind_id,
            KindEdit(**asked(form)),
            version=form.version.data,
            by=current_actor(),
            now=g.now,
            once=form.idempotency_key.data,
        )

    if saved(form, save, newest=lambda: catalogue.find(kind_id).version):
        flash(_("El producto quedó guardado."), "ok")
        return redirect(url_for("kinds.index"), 303)
    shown = render_template(
        "pages/settings/kind.html", tab_links=tab_links(), form=form, kind=kind, proofs=proofs_of(kind)
    )
    return shown, 422 if form.is_submitted() else 200


@bp.route("/nuevo", methods=["GET", "POST"])
@requires(Permission.CONFIGURE_OFFICE)
def new() -> str | Response | tuple[str, int]:
    """A kind of the office's own."""
    form = NewKindForm(data={"questions": as_fields(None), "enabled": True})

    def save() -> None:
        wanted = {Stage.AGREE, Stage.PUBLISH, *map(Stage, form.stages.data)}
        chosen = tuple(stage for stage in STAGES if stage in wanted)
        proofs = {Stage.SELECT: form.select_evidence.data, Stage.PUBLISH: form.publish_evidence.data}
        catalogue.add(
            KindEdit(
                **asked(form),
                stages=chosen,
                evidence={s: Evidence(proof) for s, proof in proofs.items() if s in chosen},
            ),
            by=current_actor(),
            now=g.now,
            once=form.idempotency_key.data,
        )

    if saved(form, save):
        flash(_("El producto quedó en el catálogo."), "ok")
        return redirect(url_for("kinds.index"), 303)
    shown = render_template(
        "pages/settings/kind.html", tab_links=tab_links(), form=form, kind=None, stage_notes=STAGE_NOTES
    )
    return shown, 422 if form.is_submitted() else 200
