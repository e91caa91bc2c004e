"""SHIP 1.0.1 without sockets and clock: connections, discovery texts, trust, rivalry, dialling."""
