"""What happens when the process or the power goes at the wrong moment."""
