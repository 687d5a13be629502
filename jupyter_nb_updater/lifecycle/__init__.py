"""How the extension gets onto notebook instances: lifecycle configurations."""
