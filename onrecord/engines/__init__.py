"""Engines run stages; a stage never knows on which. `local` is the default: this machine's cores, no server."""
