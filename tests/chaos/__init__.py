"""Chaos tests: a plan is drawn from a seed, carried out in a real JupyterLab in a real Chromium, and judged by an oracle."""
