"""How the dollars of a transaction came about."""
