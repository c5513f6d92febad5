"""The application, from the environment: ``flask --app app …`` and WSGI servers load it here."""

import os

from poa_tickets import create_app
from poa_tickets.server import settings_for_this_machine
from poa_tickets.store import migrate

app = create_app(settings_for_this_machine(os.environ))
migrate.init_app(app)
