"""Second floor: use cases, the only place that commits. Imports the store and the domain."""
