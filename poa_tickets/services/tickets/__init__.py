"""Requests from filing to rating: what may be done to each, and the one road of every change."""
