"""How the product of the demo and its stand-in for Pro Santé Connect know each other."""

REALM = "/auth/realms/esante-wallet"
CLIENT_ID, CLIENT_SECRET = "liaison-demonstration", "secret-de-demonstration"
NAME = "Pro Santé Connect (démonstration)"
