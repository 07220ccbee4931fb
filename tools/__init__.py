"""Programs that make runs: the environment, the tests, the messages, the conformance suite."""
