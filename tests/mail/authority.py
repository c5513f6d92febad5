"""A certificate authority of the tests, and what it says of the servers on this machine."""

from functools import cache

import trustme

SERVERS = "127.0.0.1"


@cache
def authority() -> trustme.CA:
    """The authority; nobody knows it who is not told by ``SSL_CERT_FILE``."""
    return trustme.CA()


@cache
def certificate() -> trustme.LeafCert:
    """Of every server that the tests start."""
    return authority().issue_cert(SERVERS)
