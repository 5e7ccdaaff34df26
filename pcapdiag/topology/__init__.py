"""Who is VIP, balancer, server, gateway, on-link client, and why we think so."""
