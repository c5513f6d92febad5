"""The agenda as calendars read and bring it: feeds under a secret, .ics files, imports."""
