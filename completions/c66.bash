# Completion of c66 for bash: source this file from ~/.bashrc. The installed program answers, so it is never out of date.
command -v c66 >/dev/null && eval "$(c66 completions bash)"
