# Completion of c66 for Elvish: put this line into rc.elv. The installed program answers.
eval (c66 completions elvish | slurp)
