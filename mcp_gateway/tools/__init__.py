"""The tools of the CRM, one module per topic; importing one registers its tools."""
