"""Read a load balancer's packet capture and say, with proof, why some users cannot connect."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pcapdiag.pipeline import analyze

__version__ = "0.1.0"
__all__ = ["__version__", "analyze"]


def __getattr__(name: str) -> Any:
    # `pcapdiag --version` must not pay for numpy, so the program is imported when it is asked for.
    if name == "analyze":
        from pcapdiag.pipeline import analyze

        return analyze
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
