"""resolve: who and where a report speaks of, said once."""
