"""Events: noted down, moved, called off, put right; and who is affected before it happens."""
