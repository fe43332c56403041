"""The page without a network: the service worker, the document that it stores, and the web app manifest."""
