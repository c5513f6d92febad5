"""One module of forms per noun; a form ends as a dataclass of a service."""
