"""Every page and overlay of the product, declared once: to be pictured, weighed, and looked at by axe."""
