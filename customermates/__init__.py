"""The composition root: settings, URLs and commands that assemble the five packages."""
