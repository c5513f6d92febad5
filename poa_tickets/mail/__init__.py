"""Top floor: writes owed notices as mails and hands them to the mail server."""
