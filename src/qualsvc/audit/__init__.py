"""The decision log as evidence: verified, its heads signed and witnessed, its oldest months given up with a signed word."""
