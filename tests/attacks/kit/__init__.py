"""What every attack uses: the service, clients, the probe of legitimate traffic, what was sent."""
