"""How quick the pages are: beside a bare Flask page that asks the same of plain SQLite. ``make bench`` runs it.

``town`` makes the municipality that is measured, ``script`` notes what each page asks of the database, ``twin``
answers the same without us, ``servers`` starts both, ``measuring`` asks them in turns, ``report`` prints.
"""
