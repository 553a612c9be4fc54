"""Holdings files of brokers, as they are downloaded: one small adapter each, and one way in."""
