"""What a person who tries a device needs of the machine: sound and camera; loaded by techkit.probes.hands alone."""
