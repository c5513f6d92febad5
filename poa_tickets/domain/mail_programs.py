"""What other programs write: answering machines in headers and subjects, mail programs above what they quote."""

import re

ANSWERING_MACHINES = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-auto-reply",
    "x-mail-autoreply",
    "x-amazon-auto-reply",
    "x-fc-machinegenerated",
)
BULK = frozenset({"bulk", "list", "junk", "auto_reply", "auto-reply"})
MAIL_SERVERS = re.compile(r"(?:mailer[-_.]?daemon|postmaster|mail-daemon)(?:@|$)", re.ASCII)
AWAY = re.compile(
    r"\s*(?:(?:re|rv|fw|fwd):\s*)?(?:automatic reply|auto(?:mated)? ?-?reply|autoreply|auto ?response"
    r"|respuesta autom[áa]tica|contestaci[óo]n autom[áa]tica|mensaje autom[áa]tico|out of (?:the )?office|ooo:"
    r"|fuera de (?:la )?oficina|ausente de la oficina|estoy de vacaciones|aviso de vacaciones|vacation (?:reply|notice)"
    r"|on vacation|(?:read|le[íi]do|not read|no le[íi]do):|read receipt|confirmaci[óo]n de lectura"
    r"|acuse de (?:lectura|recibo autom[áa]tico))",
    re.IGNORECASE,
)
RETURNED = re.compile(
    r"\s*(?:undeliver|delivery (?:status notification|failure|has failed)|mail delivery (?:failed|subsystem|failure)"
    r"|returned mail|failure notice|mensaje no entregado|no se puede entregar|no entregado:"
    r"|correo (?:devuelto|no entregado)|error (?:de|en la) entrega|notificaci[óo]n de estado de entrega)",
    re.IGNORECASE,
)
INTRODUCTIONS = ("el ", "en ", "on ", "a las ", "le ")
WROTE = re.compile(r"(?:escribi[óo]|ha escrito|wrote)\s*:\s*$", re.IGNORECASE)
DATED = re.compile(r"@|\b20\d\d\b|\d[-/.]\d")
SEPARATOR = re.compile(
    r"[-_ ]{2,}\s*(?:mensaje original|original message|mensaje reenviado|forwarded message)\s*[-_ ]*$",
    re.IGNORECASE,
)
BEGINS = re.compile(
    r"(?:inicio del mensaje reenviado|begin forwarded message|comienza el mensaje reenviado)\s*:\s*$", re.I
)
FIRST_FIELD = re.compile(r"\*?(?:de|from|desde)\s*:\*?\s*\S", re.IGNORECASE)
OTHER_FIELD = re.compile(
    r"\*?(?:enviad[oa](?: el)?|enviados|fecha|para|asunto|cc|sent|date|to|subject)\s*:\*?", re.IGNORECASE
)
TELEPHONE = re.compile(
    r"(?:enviad[oa] (?:desde|con|usando)|obt[eé]n(?:er|ga)? outlook|descarga(?:r)? outlook|sent (?:from|via|with)"
    r"|get outlook|mensaje enviado desde)\b",
    re.IGNORECASE,
)
