"""Adapters to people: SMS, WhatsApp, e-mail, voice, web chat. They speak."""
