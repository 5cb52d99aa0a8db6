"""The stages. Each is a function from tables to tables; none imports another (`pipeline.py` joins them)."""
