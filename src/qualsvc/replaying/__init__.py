"""Logged decisions reckoned anew, at the revision they were answered from."""
