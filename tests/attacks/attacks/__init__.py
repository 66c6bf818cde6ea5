"""One file an attack: `SETTINGS` that differ from the defaults and why, and `run(house)`, which returns rows."""
