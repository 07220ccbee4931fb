"""Leaf modules without models: errors, ids, folding, registries. They know nothing of the product."""
