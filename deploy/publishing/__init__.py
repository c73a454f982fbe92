"""`python -m deploy.publishing [--check]`: what others may rely on, generated from the code into contracts/published/.

openapi/<service>.json   every service's doors
asyncapi.yaml            every topic, who says what on it and who hears it
events/<name>.v<n>.json  every event's schema; the committed file is the release

An event's schema may grow, but a version once published never changes so that somebody's reading of it breaks: such a
change is refused, and the event gets a new version number instead.
"""
