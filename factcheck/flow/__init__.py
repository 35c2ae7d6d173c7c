"""The parts of the flow that `pipeline.py` puts together: what a run shares, keeping, comparing."""
