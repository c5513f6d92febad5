"""The sentences of a ticket's history, by act. The floors above translate them and fill them from ``data``."""

from poa_tickets.domain.vocabulary import N_

SENTENCES: dict[str, str] = {
    "filed": N_("%(actor)s presentó la solicitud"),
    "filed_on_behalf": N_("%(actor)s registró la solicitud a nombre de la dependencia"),
    "replied": N_("%(actor)s escribió"),
    "noted": N_("%(actor)s anotó para la oficina"),
    "attached": N_("%(actor)s agregó %(files)s"),
    "proof_attached": N_("%(actor)s agregó %(files)s"),
    "assigned": N_("%(actor)s encargó la solicitud a %(person)s"),
    "unassigned": N_("%(actor)s dejó la solicitud sin encargar"),
    "deliverable_assigned": N_("%(actor)s encargó %(deliverable)s a %(person)s"),
    "deliverable_unassigned": N_("%(actor)s dejó sin encargar %(deliverable)s"),
    "edited": N_("%(actor)s cambió la solicitud: %(fields)s"),
    "deliverable_added": N_("%(actor)s agregó %(deliverable)s"),
    "agreement_proposed": N_("%(actor)s propuso el acuerdo, versión %(number)s"),
    "agreed_as_asked": N_("%(actor)s aceptó lo que se pidió, como acuerdo, versión %(number)s"),
    "agreement_accepted": N_("%(actor)s aceptó el acuerdo, versión %(number)s"),
    "acceptance_recorded": N_(
        "%(actor)s anotó que %(person)s aceptó el acuerdo, versión %(number)s, %(method)s"
    ),
    "agreement_voided": N_("El acuerdo, versión %(number)s, quedó sin efecto porque algo cambió"),
    "change_requested": N_("%(actor)s pidió un cambio al acuerdo"),
    "covered": N_("%(actor)s marcó cubierta: %(deliverable)s"),
    "approval_asked": N_("%(actor)s pidió que la jefatura apruebe: %(deliverable)s"),
    "selected": N_("%(actor)s dejó lista la versión final: %(deliverable)s"),
    "published": N_("%(actor)s publicó %(deliverable)s"),
    "stage_undone": N_("%(actor)s deshizo un paso de %(deliverable)s: %(stage)s"),
    "dropped": N_("%(actor)s anotó que no se hará %(deliverable)s: %(cause)s"),
    "waiting": N_("%(actor)s puso la solicitud en pausa: falta «%(missing)s», de %(party)s"),
    "resumed": N_("%(actor)s reanudó la solicitud"),
    "declined": N_("%(actor)s indicó que la solicitud no procede: %(cause)s"),
    "cancelled": N_("%(actor)s canceló la solicitud"),
    "event_moved": N_("%(actor)s reprogramó el evento: %(after)s"),
    "event_postponed": N_("%(actor)s pospuso el evento, sin nueva fecha"),
    "event_cancelled": N_("%(actor)s canceló el evento"),
    "closed": N_("%(actor)s cerró la solicitud: %(outcome)s"),
    "closed_by_itself": N_("La solicitud se cerró sola, sin objeciones: %(outcome)s"),
    "objected": N_("%(actor)s indicó que aún falta algo"),
    "reopened": N_("%(actor)s reabrió la solicitud"),
    "rated": N_("%(actor)s respondió cómo le fue: %(satisfied)s"),
}
