"""AWS's front door: the proxy between a browser and Jupyter, and who may pass it."""
