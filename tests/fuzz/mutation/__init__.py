"""What happens to files on their way: by accident, and on purpose."""

from tests.fuzz.mutation.any import mutated

__all__ = ["mutated"]
