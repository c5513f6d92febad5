"""Extensions, unbound; ``create_app`` binds them. Also the one clock of the top floors."""

from datetime import UTC, datetime

from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_mail import Mail
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from poa_tickets.store.base import Base

db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True)
mail = Mail()
babel = Babel()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address, headers_enabled=True)
compress = Compress()


def clock() -> datetime:
    """Now, aware, in UTC. Only the top floors ask; below, ``now`` is handed in."""
    return datetime.now(UTC)


def found_nothing(answer: Response) -> bool:
    """What ``limiter`` counts where secrets are guessed: a town hall's people, who have theirs, share one address."""
    return answer.status_code == 404
