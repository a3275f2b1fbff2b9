#!/usr/bin/python3
"""What python-dateutil says of recurrence rules, for test/unit/schedule.c. Each line of the input is a rule, a start and
an end, with tabs between them; each line of the output is the occurrences, or a question mark where dateutil takes
too long. The argument says how many occurrences at most."""
import signal
import sys
from datetime import datetime

from dateutil.rrule import rrulestr

FORM = "%Y%m%dT%H%M%S"


def occurrences(rule, start, end, most):
    """The first occurrences of a rule; a rule whose parts exclude each other is an error to dateutil, and has none."""
    found = []
    try:
        for at in rrulestr(rule, dtstart=start):
            if at > end or len(found) == most:
                break
            found.append(at.strftime(FORM))
    except ValueError as error:
        if "empty" not in str(error):
            raise
    return found


def give_up(*_):
    raise TimeoutError


def occurrences_in_time(*question):
    """The same; None if that takes too long. The alarm may ring at any point, also when the answer is there."""
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            return occurrences(*question)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except TimeoutError:
        return None


signal.signal(signal.SIGALRM, give_up)
for line in sys.stdin:
    rule, start, end = line.rstrip("\n").split("\t")
    found = occurrences_in_time(rule, datetime.strptime(start, FORM), datetime.strptime(end, FORM), int(sys.argv[1]))
    print(*(["?"] if found is None else found))
