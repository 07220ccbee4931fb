"""The REST door of the CRM: the same routes for every entity, and those of what a company sets up."""
