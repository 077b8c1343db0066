"""消息: what people are told about their business, in the site and by text message."""
