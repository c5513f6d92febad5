"""One module per noun, one function per question a page asks; each returns a ``select()`` with its loading."""
