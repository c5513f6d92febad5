"""First floor: tables and the queries over them. Imports the domain."""
