"""Parts of HTTP that several apps share."""
