"""What a command tells a script when it ends; `techkit.cli` says what each number means for which command."""

DONE, TO_LOOK_AT, COULD_NOT_RUN, FAULT = 0, 1, 2, 3
