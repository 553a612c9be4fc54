"""The Fed path: futures strip to meeting-by-meeting probabilities, exactly as CME FedWatch publishes them.

`path` is the front door; it reads a `strip`, knows the `meetings`, `solve`s the months and tells the `odds`,
with the `chain` of reasons where a meeting is refused. The rest asks it questions: `history`, `surprise`,
`features`, `yields` (where futures are missing), `files` (a user's own prices), `report` (all of it as JSON).
"""
