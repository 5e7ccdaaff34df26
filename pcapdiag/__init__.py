"""Read a load balancer's packet capture and say, with proof, why some users cannot connect."""

__version__ = "0.1.0"
