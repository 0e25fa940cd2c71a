# Completion of c66 for fish: put this file into ~/.config/fish/completions. The installed program answers.
c66 completions fish | source
