"""Use cases, one file a subject: the verbs of the pathway. A service never commits."""
