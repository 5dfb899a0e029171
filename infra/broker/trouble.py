"""Trouble: what can be wrong with a broker, in words for those who run it."""


class BrokerTrouble(Exception):
    """Events cannot go to the broker at the moment; the message says why, and what to do."""


class BrokerAway(BrokerTrouble):
    """The broker does not answer, or not any more; it is tried again by itself."""


class BrokerRefuses(BrokerTrouble):
    """The broker answers, and does not want what it is asked for."""


class StreamOfAnotherShape(BrokerTrouble):
    """The stream is not as the settings say, or holds what was not published from this log."""


class Overtaken(Exception):
    """The stream is not where it was left: somebody else has published, or a message came late."""
