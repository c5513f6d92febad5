"""People and equipment sent to events: booked, changed, called off, arrived."""
