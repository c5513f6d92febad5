"""One module of views per noun; each offers a blueprint named ``bp``."""
