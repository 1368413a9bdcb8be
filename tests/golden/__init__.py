"""Cases a person can read: a small plant, what is changed in it, a question, and the whole answer with its reasons."""
