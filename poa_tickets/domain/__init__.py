"""Ground floor: the office's rules. Imports the standard library only."""
