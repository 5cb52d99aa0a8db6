"""How people's corrections outlive a rebuild: the log, the evidence by which a target is found again, what they change.

`log` holds the nouns, `evidence` notes where a target stands when a correction is made, `finding` finds it again in
another record, `base` changes the tables before events are reconciled, `stage` joins all of it to the pipeline.
"""
