"""The parts of the write path, in the order in which `crm.services` uses them."""
