"""System checks: what this installation lacks, each with an id and what to do about it."""
