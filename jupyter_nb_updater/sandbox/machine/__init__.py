"""The emulated machine: filesystem, images, boots, processes, systemd unit."""
