"""Killing, cutting and filling what Liaison stands on, and proving from outside that nothing is lost or done twice."""
