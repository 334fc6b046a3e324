"""Questions about figures: asked, answered, passed on."""
