"""The machine: folders, ports, processes, PostgreSQL. Knows nothing of the trade."""
