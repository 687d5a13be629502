"""The emulated machine: filesystem, image, boots, processes, systemd unit."""
