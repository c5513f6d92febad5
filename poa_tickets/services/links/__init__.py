"""Signed links of mails: made, checked, renewed, revoked."""
