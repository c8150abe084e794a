"""Who may do what with conferences."""

import rules

from dialog.rules import runs_the_process

PERMISSIONS = {
    "conferences.run_conference": runs_the_process,
}

for name, predicate in PERMISSIONS.items():
    rules.set_perm(name, predicate)
