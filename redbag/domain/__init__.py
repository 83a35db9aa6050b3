"""Rules of the pathway: no clock, no database, no web. `now` and the actor come in as arguments."""
